<?php
// SPDX-License-Identifier: MIT
//
// Finds the entry for the value that an entry file returned, or for the function that a
// `name.function` handler names. The first kind that accepts the value wins: special kinds come
// before "anything callable", and Laravel before Symfony, because a Laravel application implements
// HttpKernelInterface, too.

declare(strict_types=1);

namespace Phork\Entry;

use Bref\Context\Context as BrefContext;
use Bref\Event\Handler as BrefHandler;
use Closure;
use Phork\Bridge\Bref\BrefEntry;
use Phork\Worker\UnusableEntry;
use ReflectionFunction;
use ReflectionNamedType;

final readonly class EntryKinds
{
    /** @var array<string, class-string<EventEntry|HttpEntry>> by the name that errors use */
    private const KINDS = [
        'a Laravel application or HTTP kernel' => LaravelEntry::class,
        'a Symfony HttpKernelInterface' => SymfonyKernelEntry::class,
        'a PSR-15 RequestHandlerInterface' => Psr15Entry::class,
        'a Phork\Handler' => HandlerEntry::class,
        'a callable' => CallableEntry::class,
    ];

    /** @throws UnusableEntry */
    public function find(mixed $returned, string $function): EventEntry|HttpEntry
    {
        if ($function !== '') {
            return CallableEntry::from($function)
                ?? throw new UnusableEntry(Advice::onFunction($function, $returned));
        }
        if ($returned instanceof BrefEntry) {
            return $returned; // found by Bref's own rules
        }
        if (self::isOfBref($returned)) {
            // Under php-fpm nothing loads our classes.
            class_exists(BrefEntry::class) || require __DIR__ . '/../Bridge/Bref/BrefEntry.php';

            return BrefEntry::from($returned);
        }
        // A closure can be nothing else; the classes of the other kinds need not be loaded.
        foreach ($returned instanceof Closure ? [CallableEntry::class] : self::KINDS as $kind) {
            $entry = $kind::from($returned);
            if ($entry !== null) {
                return $entry;
            }
        }

        throw new UnusableEntry(Advice::onValue($returned, array_keys(self::KINDS)));
    }

    /**
     * A handler that names Bref's types. This looks up no class of Bref: an application that does
     * not have it must not notice.
     */
    private static function isOfBref(mixed $returned): bool
    {
        $parameters = \is_callable($returned)
            ? (new ReflectionFunction($returned(...)))->getParameters()
            : [];
        $type = ($parameters[1] ?? null)?->getType();

        return $returned instanceof BrefHandler
            || $type instanceof ReflectionNamedType && $type->getName() === BrefContext::class;
    }
}
