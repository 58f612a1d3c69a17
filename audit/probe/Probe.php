<?php
// SPDX-License-Identifier: MIT
//
// The application that `phork audit` runs to see the state that one event leaves to the next: a
// handler of {"audit": "kinds"}, {"audit": "look", "kind": K}, {"audit": "plant", "kind": K} and
// {"audit": "identity"}. The auditor looks in one event, plants in the next and looks in a third.
//
// The constructor draws random numbers, as applications do at boot: children of a zygote that get
// no seed of their own would all continue that sequence.

declare(strict_types=1);

namespace Phork\Audit;

use Phork\Audit\Kinds\RandomKinds;

final readonly class Probe
{
    private Catalogue $catalogue;

    public function __construct()
    {
        $this->catalogue = Catalogue::complete();
        RandomKinds::drawFromAll();
    }

    /**
     * @return array<string, mixed> the answer
     * @throws InvalidQuestion
     */
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

    // The first question of an audit, and so the time to clean up.
    /** @return array{kinds: list<array<string, string|bool|list<string>>>} */
    private function kinds(): array
    {
        Scratch::sweep();

        return ['kinds' => $this->catalogue->describe()];
    }

    /** @return array{kind: string, value: mixed} */
    private function look(mixed $name): array
    {
        return ['kind' => $name, 'value' => $this->kind($name)->look()];
    }

    /** @return array{kind: string, before: mixed, after: mixed} */
    private function plant(mixed $name): array
    {
        $kind = $this->kind($name);
        $before = $kind->look();
        $kind->plant();

        return ['kind' => $name, 'before' => $before, 'after' => $kind->look()];
    }

    /** @return array{pid: int, generation: int, sapi: string, php: string, strategy: string} */
    private function identity(): array
    {
        return [
            'pid' => getmypid(),
            // The parent process: another zygote means another boot.
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
