<?php
// SPDX-License-Identifier: MIT
//
// The start of Bref's runtime before it asks for an event: it loads Composer's autoloader and the
// secrets, and calls subscribers before and after the search for the handler. The application asks
// for it by BREF_RUNTIME (runtime/lambda/handler_path.h), and brings Bref itself.

declare(strict_types=1);

namespace Phork\Bridge\Bref;

use Bref\Bref;
use Bref\Secrets\Secrets;
use Phork\Worker\StandardStreams;
use Phork\Worker\UnusableEntry;
use Throwable;

final class Startup
{
    // The first is bref/secrets-loader's own; the other names one parameter with many variables.
    // https://packagist.org/packages/f-lombardo/secrets-loader
    private const SECRET_PREFIX = 'bref-ssm:';
    private const PARAMETER_STORE = 'BREF_PARAMETER_STORE';

    /**
     * For BREF_RUNTIME=function: the handler that Bref's container has under the name _HANDLER.
     * Without Bref::setContainer() that is the value that the file of this name returns. A value
     * that Bref does not know is returned as it is.
     * @throws UnusableEntry
     */
    public static function handler(): mixed
    {
        // Bref's function runtime is a program of PHP's command line.
        StandardStreams::define();
        self::begin();
        $name = (string) getenv('_HANDLER');
        try {
            $handler = Bref::getContainer()->get($name);
        } catch (\Psr\Container\NotFoundExceptionInterface $thrown) {
            throw new UnusableEntry(
                "entry: find handler '$name' (BREF_RUNTIME=function): expected a PHP file that"
                    . ' returns a handler, or a service of the container given to'
                    . ' Bref\Bref::setContainer(): ' . $thrown->getMessage(),
                0,
                $thrown,
            );
        }
        Bref::events()->afterStartup();

        return BrefEntry::from($handler) ?? $handler;
    }

    /**
     * Before the script of BREF_RUNTIME=fpm or console, for the variables and folders that it
     * finds. Hooks around an event belong to the function runtime.
     * @throws UnusableEntry
     */
    public static function script(): void
    {
        self::begin();
        Bref::events()->afterStartup();
    }

    /** @throws UnusableEntry */
    private static function begin(): void
    {
        // Under php-fpm nothing loads our classes.
        class_exists(Installed::class) || require __DIR__ . '/Installed.php';
        self::loadComposer(self::autoloader());
        $fault = Installed::fault();
        if ($fault !== null) {
            throw new UnusableEntry(self::advice($fault));
        }
        self::loadSecrets();
        Bref::events()->beforeStartup();
    }

    private static function autoloader(): string
    {
        $file = (string) getenv('BREF_AUTOLOAD_PATH');
        $file = $file !== '' ? $file : getenv('LAMBDA_TASK_ROOT') . '/vendor/autoload.php';

        return is_file($file) ? $file : throw new UnusableEntry(
            self::advice("no Composer autoloader $file (BREF_AUTOLOAD_PATH names another)"),
        );
    }

    /**
     * Not autoload.php itself where that can be helped: the front controller of symfony/runtime
     * does nothing when it was loaded before.
     */
    private static function loadComposer(string $autoloader): void
    {
        $real = \dirname($autoloader) . '/composer/autoload_real.php';
        $text = is_file($real) ? (string) file_get_contents($autoloader) : '';
        if (preg_match('/\bComposerAutoloaderInit\w+/', $text, $class) === 1) {
            require_once $real;
            $class[0]::getLoader();
        } else {
            require_once $autoloader;
        }
    }

    private static function loadSecrets(): void
    {
        $names = array_keys(array_filter(
            getenv(),
            static fn (string $value): bool => str_starts_with($value, self::SECRET_PREFIX),
        ));
        if (getenv(self::PARAMETER_STORE) !== false) {
            $names[] = self::PARAMETER_STORE;
        }
        if ($names === []) {
            return;
        }
        if (!class_exists(Secrets::class)) {
            throw new UnusableEntry('entry: load the secrets of ' . implode(', ', $names)
                . ': expected the class Bref\Secrets\Secrets, found none: run `composer require'
                . ' bref/secrets-loader`');
        }
        Secrets::loadSecretEnvironmentVariables();
    }

    private static function advice(string $found): string
    {
        return 'entry: start a Bref application (BREF_RUNTIME=' . getenv('BREF_RUNTIME')
            . '): expected ' . Installed::EXPECTED . ", got $found; for example\n"
            . "  composer require bref/bref\n"
            . "or, without Bref, unset BREF_RUNTIME and let the file return\n"
            . '  return fn (array $event, Phork\Context $context): array => $event;';
    }
}
