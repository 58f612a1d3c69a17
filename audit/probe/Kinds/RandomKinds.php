<?php
// SPDX-License-Identifier: MIT
//
// Random numbers: the next event may continue a sequence, or two events may draw the same numbers.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Closure;
use DOMDocument;
use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\KeptByFpm;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\RepeatedDraws;
use Phork\Audit\SeededSequence;
use Random\Engine\Mt19937;
use Random\Randomizer;
use SQLite3;
use XSLTProcessor;

final class RandomKinds implements Family
{
    public function group(): Group
    {
        return Group::Random;
    }

    public function kinds(): iterable
    {
        // These come first: later ones seed the generator, and a process that keeps the seed would
        // then draw the numbers of an earlier audit.
        yield from $this->unseeded();
        yield self::seeded(
            'mt-rand-sequence',
            'a sequence of mt_rand() that was given a seed',
            static fn () => mt_rand(1, 1_000_000_000),
            static fn (Randomizer $same) => $same->getInt(1, 1_000_000_000),
        );
        yield self::seeded(
            'shuffle-sequence',
            'a sequence of str_shuffle() that was given a seed',
            static fn () => str_shuffle('abcdefghijklmnop'),
            static fn (Randomizer $same) => $same->shuffleBytes('abcdefghijklmnop'),
        );
        yield new Kind(
            'random-engine',
            'a Random\Engine in a static property',
            static fn () => Kept::get('engine') === null
                ? null
                : bin2hex((clone Kept::get('engine'))->generate()),
            static fn () => Kept::put('engine', new Mt19937(1)),
        );
    }

    private static function seeded(string $name, string $title, Closure $draw, Closure $same): Kind
    {
        $sequence = new SeededSequence(crc32($name), $draw, $same);

        return new Kind($name, $title, $sequence->goesOn(...), $sequence->begin(...));
    }

    /** Draws from each generator, as applications do at boot: some seed themselves at first use. */
    public static function drawFromAll(): void
    {
        foreach (self::generators() as [, , $draw, $missing]) {
            if ($missing === '') {
                $draw();
            }
        }
    }

    /** @return list<array{string, string, Closure(): (int|float|string), string, ?KeptByFpm}> */
    private static function generators(): array
    {
        // PHP 8.4 deprecates lcg_value().
        $combined = static fn () => @lcg_value();
        $ofLibrary = KeptByFpm::Extension;

        return [
            ['mt-rand-draws', 'numbers of mt_rand()', mt_rand(...), '', null],
            ['lcg-value-draws', 'numbers of lcg_value()', $combined, '', null],
            [
                'sqlite-draws',
                'numbers of SQLite\'s random()',
                static fn () => (new SQLite3(':memory:'))->querySingle('select random()'),
                Needs::extension('sqlite3'),
                $ofLibrary,
            ],
            [
                'exslt-draws',
                'numbers of math:random() in XSLT (the C library\'s rand())',
                self::drawByStylesheet(...),
                Needs::extension('xsl'),
                $ofLibrary,
            ],
        ];
    }

    private static function drawByStylesheet(): string
    {
        $sheet = new DOMDocument();
        $sheet->loadXML(
            '<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"'
            . ' xmlns:m="http://exslt.org/math"><x:output method="text"/>'
            . '<x:template match="/"><x:value-of select="m:random()"/></x:template></x:stylesheet>',
        );
        $processor = new XSLTProcessor();
        $processor->importStylesheet($sheet);

        return $processor->transformToXml($sheet);
    }

    private function unseeded(): Generator
    {
        foreach (self::generators() as [$kind, $numbers, $draw, $missing, $keptByFpm]) {
            $draws = new RepeatedDraws($kind, $draw);
            yield new Kind(
                $kind,
                "$numbers that another event draws too",
                $draws->isRepeated(...),
                $draws->record(...),
                $missing ?: Needs::extension('pcntl'),
                keptByFpm: $keptByFpm,
            );
        }
        yield Kind::unavailable(
            'uniqid',
            'uniqid()',
            'keeps no state: it uses the time and the kernel\'s random numbers',
        );
        yield Kind::unavailable(
            'openssl-random',
            'openssl_random_pseudo_bytes()',
            'nothing to plant: OpenSSL reseeds itself in a forked process',
        );
    }
}
