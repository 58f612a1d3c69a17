<?php
// SPDX-License-Identifier: MIT
//
// The array that stands for each {} of an event. It is an empty array like any other, but one of
// its own: PHP copies an array on write, so an untouched copy is still this very array in memory,
// wherever the application has moved it. PHP shows which array a value is by nothing but the number
// of its references, and that by nothing but debug_zval_dump().

declare(strict_types=1);

namespace Phork\Worker;

final class EmptyObject
{
    /** @var array<never, never> */
    private readonly array $array;

    /** @var list<array<never, never>> */
    private array $more = [];

    public function __construct()
    {
        // Neither `[]` nor a function's empty result would do: these are PHP's one shared array.
        $array = [self::class => 0];
        $this->array = array_filter($array, static fn (): bool => false);
    }

    /** @return array<never, never> */
    public function array(): array
    {
        return $this->array;
    }

    /** Always false where `disable_functions` names debug_zval_dump. */
    public function is(array $empty): bool
    {
        if (!\function_exists('debug_zval_dump')) {
            return false;
        }
        $before = self::references($empty);
        $this->more[] = $this->array;
        $after = self::references($empty);
        array_pop($this->more);

        return $after !== $before;
    }

    /** Such as "array(0) refcount(3){", or "array(0) interned {" for the shared one. */
    private static function references(array $empty): string
    {
        ob_start();
        debug_zval_dump($empty);

        return (string) ob_get_clean();
    }
}
