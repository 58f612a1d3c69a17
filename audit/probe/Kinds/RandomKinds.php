<?php
// SPDX-License-Identifier: MIT
//
// Random numbers: the next event may continue a sequence, or two events may draw the same numbers.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Closure;
use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\RepeatedDraws;
use Phork\Audit\SeededSequence;
use Random\Engine\Mt19937;
use Random\Randomizer;

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

    private function unseeded(): Generator
    {
        // PHP 8.4 deprecates lcg_value().
        $generators = ['mt_rand' => mt_rand(...), 'lcg_value' => static fn () => @lcg_value()];
        foreach ($generators as $name => $draw) {
            $kind = strtr($name, '_', '-') . '-draws';
            $draws = new RepeatedDraws($kind, $draw);
            yield new Kind(
                $kind,
                "numbers of $name() that another event draws too",
                $draws->isRepeated(...),
                $draws->record(...),
                Needs::extension('pcntl'),
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
