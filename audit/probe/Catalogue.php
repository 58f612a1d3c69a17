<?php
// SPDX-License-Identifier: MIT
//
// All kinds of state, in the order of the audit.

declare(strict_types=1);

namespace Phork\Audit;

use LogicException;

final readonly class Catalogue
{
    private const FAMILIES = [
        Kinds\VariableKinds::class,
        Kinds\CodeKinds::class,
        Kinds\IniKinds::class,
        Kinds\SettingKinds::class,
        Kinds\OutputKinds::class,
        Kinds\HandlerKinds::class,
        Kinds\ErrorKinds::class,
        Kinds\StreamKinds::class,
        Kinds\SocketKinds::class,
        Kinds\ProcessKinds::class,
        Kinds\ZygoteKinds::class,
        Kinds\SignalKinds::class,
        Kinds\RandomKinds::class,
        Kinds\ExtensionKinds::class,
        Kinds\SuperglobalKinds::class,
        Kinds\SessionKinds::class,
        Kinds\CacheKinds::class,
        Kinds\SharedKinds::class,
    ];

    /** @param array<string, array{Group, Kind}> $kinds by name */
    private function __construct(private array $kinds)
    {
    }

    /** Every family's kinds. */
    public static function complete(): self
    {
        $kinds = [];
        foreach (self::FAMILIES as $class) {
            $family = new $class();
            foreach ($family->kinds() as $kind) {
                if (isset($kinds[$kind->name])) {
                    throw new LogicException("audit: add kind '$kind->name': name is taken [bug]");
                }
                $kinds[$kind->name] = [$family->group(), $kind];
            }
        }

        return new self($kinds);
    }

    public function find(string $name): ?Kind
    {
        return $this->kinds[$name][1] ?? null;
    }

    /** @return list<array<string, string|bool|list<string>>> see Kind::describe() */
    public function describe(): array
    {
        return array_map(
            static fn (array $entry): array => $entry[1]->describe($entry[0]),
            array_values($this->kinds),
        );
    }
}
