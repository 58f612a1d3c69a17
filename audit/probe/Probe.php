<?php
// SPDX-License-Identifier: MIT
//
// The application that `phork audit` runs to see what one event leaves to the next: a handler that
// takes {"audit": "kinds"}, {"audit": "look", "kind": K}, {"audit": "plant", "kind": K} and
// {"audit": "identity"}. The auditor looks in one event, plants in the next and looks in a third.
//
// Boot draws random numbers, as applications do: children of a zygote that are not given a seed of
// their own would all go on with that sequence.

declare(strict_types=1);

namespace Phork\Audit;

final readonly class Probe
{
    private Catalogue $catalogue;

    public function __construct()
    {
        $this->catalogue = Catalogue::complete();
        mt_rand();
        @lcg_value(); // deprecated since PHP 8.4
    }

    public function __invoke(mixed $event): array
    {
        $question = \is_array($event) ? $event['audit'] ?? null : null;

        return match ($question) {
            'kinds' => $this->kinds(),
            'look' => $this->look($event['kind'] ?? null),
            'plant' => $this->plant($event['kind'] ?? null),
            'identity' => $this->identity(),
            default => throw new InvalidQuestion("audit: take event: expected 'audit' to be "
                . "'kinds', 'look', 'plant' or 'identity', got " . self::shown($question)),
        };
    }

    // The first question of an audit.
    private function kinds(): array
    {
        Scratch::sweep();

        return ['kinds' => $this->catalogue->describe()];
    }

    private function look(mixed $name): array
    {
        return ['kind' => $name, 'value' => $this->kind($name)->look()];
    }

    private function plant(mixed $name): array
    {
        $kind = $this->kind($name);
        $before = $kind->look();
        $kind->plant();

        return ['kind' => $name, 'before' => $before, 'after' => $kind->look()];
    }

    private function identity(): array
    {
        return [
            'pid' => getmypid(),
            // The process that made this one: another zygote means another boot.
            'generation' => \function_exists('posix_getppid') ? posix_getppid() : 0,
            'sapi' => PHP_SAPI,
            'php' => PHP_VERSION,
            'strategy' => (string) getenv('PHORK_STRATEGY'),
        ];
    }

    private function kind(mixed $name): Kind
    {
        $kind = \is_string($name) ? $this->catalogue->find($name) : null;
        if ($kind === null) {
            throw new InvalidQuestion("audit: find kind: expected a name that 'kinds' lists, got "
                . self::shown($name));
        }
        if ($kind->missing !== '') {
            throw new InvalidQuestion("audit: use kind '$name': $kind->missing");
        }

        return $kind;
    }

    private static function shown(mixed $value): string
    {
        return \is_string($value) ? "'" . substr($value, 0, 40) . "'" : get_debug_type($value);
    }
}
