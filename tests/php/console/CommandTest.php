<?php
// SPDX-License-Identifier: MIT
//
// The command that an event names.

declare(strict_types=1);

namespace Phork\Tests\Console;

use Phork\Console\Command;
use Phork\Tests\LibraryTestCase;
use Phork\Worker\InvalidEvent;

final class CommandTest extends LibraryTestCase
{
    /**
     * @dataProvider lines
     * @param list<string> $words
     */
    public function testALineIsSplitAsAShellSplitsWords(string $line, array $words): void
    {
        self::assertSame($words, Command::of(['cli' => $line])->arguments);
        self::assertSame($words, Command::of($line)->arguments);
    }

    public static function lines(): iterable
    {
        yield 'nothing' => ['', []];
        yield 'blanks' => [" \t\n ", []];
        yield 'words' => ["  migrate\t--force\n", ['migrate', '--force']];
        yield 'single quotes keep everything' => ["'a \"\\b' c", ['a "\\b', 'c']];
        yield 'double quotes' => ['"a  \'b" c', ["a  'b", 'c']];
        yield 'quotes within a word' => ["--name='Ada L'\"ove\"lace", ['--name=Ada Lovelace']];
        yield 'empty words' => ["'' \"\"", ['', '']];
        yield 'a backslash quotes one character' => ['a\ b \\\\ \"', ['a b', '\\', '"']];
        yield 'between double quotes, only some' => ['"\\\\ \" \$ \` \n"', ['\\ " $ ` \n']];
        yield 'it continues a line' => ["mi\\\ngrate \"--fo\\\nrce\"", ['migrate', '--force']];
        yield 'but not twice' => ["\"a\\\\\nb\"", ["a\\\nb"]];
        yield 'no expansion' => ['$HOME `id` *.php ~ a|b; #c', [
            '$HOME', '`id`', '*.php', '~', 'a|b;', '#c',
        ]];
        yield 'UTF-8' => ['grüße "schöne Welt"', ['grüße', 'schöne Welt']];
    }

    public function testALongLineIsSplit(): void
    {
        $word = str_repeat('\\"\\\\ab', 300_000);

        self::assertSame(
            [str_repeat('"\\ab', 300_000)],
            Command::of(['cli' => "\"$word\""])->arguments,
        );
    }

    public function testAListIsTakenAsItIs(): void
    {
        $argv = ['migrate', '', 'a "b', "\\'"];

        self::assertSame($argv, Command::of(['argv' => $argv])->arguments);
        self::assertSame([], Command::of(['argv' => []])->arguments);
    }

    public function testTheCallerSaysIfAFailureFailsTheEvent(): void
    {
        self::assertFalse(Command::of(['cli' => 'list'])->check);
        self::assertTrue(Command::of(['cli' => 'list', 'check' => true])->check);
        self::assertTrue(Command::of('list')->check, 'as Bref answers');
    }

    /** @dataProvider invalid */
    public function testAnythingElseIsRefusedWithoutQuotingIt(mixed $event, string $message): void
    {
        try {
            Command::of($event);
            self::fail('the event was taken');
        } catch (InvalidEvent $refused) {
            self::assertStringEndsWith($message, $refused->getMessage());
            self::assertStringNotContainsString('hunter2', $refused->getMessage());
        }
    }

    public static function invalid(): iterable
    {
        $expected = 'expected {"cli": "list --all"}, {"argv": ["list", "--all"]} or a JSON string,'
            . ' ';
        yield 'a number' => [5, $expected . 'got int'];
        yield 'null' => [null, $expected . 'got null'];
        yield 'another event' => [
            ['version' => '2.0', 'body' => 'hunter2'],
            $expected . 'got an event with neither of them',
        ];
        yield 'both' => [
            ['cli' => 'hunter2', 'argv' => []],
            $expected . 'got both "cli" and "argv"',
        ];
        yield 'cli' => [['cli' => ['hunter2']], '"cli": expected a string, got array'];
        yield 'argv' => [['argv' => 'hunter2'], '"argv": expected a list of strings, got string'];
        yield 'an object' => [
            ['argv' => ['a' => 'hunter2']],
            '"argv": expected a list of strings, got an object',
        ];
        yield 'an element' => [['argv' => ['a', 1]], '"argv"[1]: expected a string, got int'];
        yield 'check' => [['cli' => '', 'check' => 1], '"check": expected a bool, got int'];
        $split = 'split "cli" into words: ';
        yield 'a quote' => [
            ['cli' => 'a "hunter2'],
            $split . 'the quote at position 3 is not closed',
        ];
        yield 'a single quote' => [
            "a'hunter2",
            'split event into words: the quote at position 2 is not closed',
        ];
        yield 'a quote that is quoted' => [
            ['cli' => '"hunter2\\"'],
            $split . 'the quote at position 1 is not closed',
        ];
        yield 'a backslash in quotes' => [
            ['cli' => '"hunter2\\'],
            $split . 'the quote at position 1 is not closed',
        ];
        yield 'a backslash' => [
            ['cli' => 'a \\'],
            $split . 'nothing follows the backslash at position 3',
        ];
    }
}
