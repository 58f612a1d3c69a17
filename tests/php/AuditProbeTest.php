<?php
// SPDX-License-Identifier: MIT
//
// The probe as an application: its questions and answers, its list of kinds and the list in the
// documentation.

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Audit\Channel;
use Phork\Audit\Group;
use Phork\Audit\Probe;
use Phork\Worker\Failure;

final class AuditProbeTest extends LibraryTestCase
{
    private const ENTRY = __DIR__ . '/../../examples/probe/index.php';
    private const AUDITED = __DIR__ . '/../../audit/probe/index.php';
    private const DOCUMENTATION = __DIR__ . '/../../docs/isolation.md';

    public function testTheExampleAndTheAuditorsEntryAreTheProbe(): void
    {
        self::assertInstanceOf(Probe::class, require self::ENTRY);
        self::assertInstanceOf(Probe::class, require self::AUDITED);
    }

    public function testTheIdentityIsThatOfTheProcessThatAnswers(): void
    {
        $identity = self::ask('{"audit":"identity"}');

        self::assertSame(getmypid(), $identity['pid']);
        self::assertSame([PHP_SAPI, PHP_VERSION], [$identity['sapi'], $identity['php']]);
        self::assertArrayHasKey('generation', $identity);
        self::assertArrayHasKey('strategy', $identity);
    }

    public function testEveryKindHasAUniqueNameAndADescription(): void
    {
        $kinds = self::ask('{"audit":"kinds"}')['kinds'];
        $names = array_column($kinds, 'name');

        self::assertSame($names, array_unique($names));
        foreach ($kinds as $kind) {
            self::assertMatchesRegularExpression('/^[a-z0-9]+(-[a-z0-9]+)*$/', $kind['name']);
            self::assertNotNull(Group::tryFrom($kind['group']), $kind['name']);
            self::assertNotSame('', $kind['title'], $kind['name']);
            self::assertSame($kind['available'], $kind['reason'] === '', $kind['name']);
            self::assertContains($kind['kept_by'], [[], ['fpm']], $kind['name']);
            $isPromised = $kind['channel'] === '' && $kind['kept_by'] === [];
            self::assertSame($isPromised, $kind['policy'] === '', $kind['name']);
        }
    }

    public function testEveryNamedChannelIsAudited(): void
    {
        $channels = array_column(self::ask('{"audit":"kinds"}')['kinds'], 'channel');
        $named = array_column(Channel::cases(), 'value');

        self::assertEqualsCanonicalizing($named, array_unique(array_filter($channels)));
    }

    public function testALookReturnsAValueAndAPlantTheValuesBeforeAndAfter(): void
    {
        $probe = new Probe();
        $look = ['audit' => 'look', 'kind' => 'object-of-boot'];
        $plant = ['audit' => 'plant', 'kind' => 'object-of-boot'];

        self::assertSame(['kind' => 'object-of-boot', 'value' => 0], $probe($look));
        self::assertSame(['kind' => 'object-of-boot', 'before' => 0, 'after' => 1], $probe($plant));
        self::assertSame(['kind' => 'object-of-boot', 'value' => 1], $probe($look));
    }

    /** @return iterable<string, array{string, string}> */
    public static function badQuestions(): iterable
    {
        $words = "'kinds', 'look', 'plant' or 'identity'";
        yield 'no question' => ['{}', "'audit' to be $words, got null"];
        yield 'another question' => ['{"audit":"erase"}', "'audit' to be $words, got 'erase'"];
        yield 'not an object' => ['"look"', "'audit' to be $words, got null"];
        yield 'no kind' => ['{"audit":"look"}', "expected a name that 'kinds' lists, got null"];
        yield 'an unknown kind' => [
            '{"audit":"plant","kind":"moon-phase"}',
            "expected a name that 'kinds' lists, got 'moon-phase'",
        ];
        yield 'a kind that is not a string' => [
            '{"audit":"look","kind":["umask"]}',
            "expected a name that 'kinds' lists, got array",
        ];
        yield 'a kind that is not available' => [
            '{"audit":"plant","kind":"connection-status"}',
            'needs a client that goes away',
        ];
    }

    /** @dataProvider badQuestions */
    public function testABadQuestionIsRefusedWithWhatWasExpected(string $event, string $why): void
    {
        $failure = self::serve(new Probe(), $event);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Phork\Audit\InvalidQuestion', $failure->type);
        self::assertStringStartsWith('audit: ', $failure->message);
        self::assertStringEndsWith($why, $failure->message);
    }

    public function testTheDocumentationListsTheKindsInTheirOrder(): void
    {
        [, $section] = explode("\n## Kinds of state\n", file_get_contents(self::DOCUMENTATION));
        $documented = array_map(
            static fn (string $row): array => \array_slice(explode(' | ', trim($row, '| ')), 0, 4),
            array_values(preg_grep('/^\| `/', explode("\n", $section))),
        );
        $kinds = array_map(
            static fn (array $kind): array => [
                "`{$kind['name']}`",
                $kind['group'],
                $kind['title'],
                $kind['channel'] ?: '-',
            ],
            self::ask('{"audit":"kinds"}')['kinds'],
        );

        self::assertSame($kinds, $documented);
    }

    public function testTheDocumentationSaysWhyPhpFpmKeepsEachKind(): void
    {
        [, $section] = explode("\n## What php-fpm keeps\n", file_get_contents(self::DOCUMENTATION));
        $table = explode("\n## ", $section)[0];
        preg_match_all('/^\| `([a-z-]+)` \| \S/m', $table, $rows);
        $kept = array_filter(
            self::ask('{"audit":"kinds"}')['kinds'],
            static fn (array $kind): bool => $kind['kept_by'] !== [],
        );

        self::assertSame(array_column($kept, 'name'), $rows[1]);
    }

    private static function ask(string $question): array
    {
        return json_decode(self::serve(new Probe(), $question), true, flags: JSON_THROW_ON_ERROR);
    }
}
