<?php
// SPDX-License-Identifier: MIT
//
// All state of a process that is visible without knowledge of the application. Variables,
// constants, ini settings and the environment appear as names and hashes, never as values. Two
// fingerprints of an application, each taken before an event's code runs, differ by the state that
// the events between them left behind.
//
// Taking a fingerprint prints and throws nothing, loads no class of the application and leaves no
// error behind. Values that differ between processes by nature (process ids, times, object ids) are
// left out or normalised.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;
use LogicException;
use Phork\Audit\State\CodeState;
use Phork\Audit\State\EntryState;
use Phork\Audit\State\HandlerState;
use Phork\Audit\State\ProcessState;
use Phork\Audit\State\SettingState;
use Phork\Audit\State\VariableState;
use Throwable;

final class Fingerprint
{
    // Identifies the boot that created the variables, and lives as long as they do.
    private static ?string $boot = null;

    /**
     * @param ?object $application the Dispatcher, whose entry holds variables, too
     * @return array<string, array<string, string|int>> group => name => hash, word or number
     */
    public static function take(?object $application = null): array
    {
        $peak = memory_get_peak_usage();
        // Reading the defaults of static properties makes PHP resolve constants in them, which
        // would load classes of the application.
        $refuse = static fn (string $class) => str_starts_with($class, 'Phork\\')
            ?: throw new LogicException("not loaded: $class");
        set_error_handler(static fn (): bool => true);
        spl_autoload_register($refuse, prepend: true);
        try {
            return self::groups($application);
        } finally {
            spl_autoload_unregister($refuse);
            restore_error_handler();
            if ($peak < memory_get_peak_usage()) {
                memory_reset_peak_usage();
            }
        }
    }

    /**
     * Call at boot: loads every file that a fingerprint needs, so that no event is the first to
     * need one and finds it as a change.
     */
    public static function load(): void
    {
        self::boot();
        self::take();
    }

    /** Appends take() to the file as a line of JSON. */
    public static function record(string $file, ?object $application = null): void
    {
        try {
            $line = json_encode(
                ['boot' => ['id' => self::boot()], ...self::take($application)],
                JSON_THROW_ON_ERROR | JSON_FORCE_OBJECT | JSON_INVALID_UTF8_SUBSTITUTE
                    | JSON_UNESCAPED_SLASHES,
            );
            set_error_handler(static fn (): bool => true);
            try {
                file_put_contents($file, "$line\n", FILE_APPEND | LOCK_EX);
            } finally {
                restore_error_handler();
            }
        } catch (Throwable) {
            // The auditor notices the missing line.
        }
    }

    private static function boot(): string
    {
        return self::$boot ??= bin2hex(random_bytes(8));
    }

    /** @return array<string, array<string, string|int>> */
    private static function groups(?object $application): array
    {
        $hash = new ValueHash();
        $variables = new VariableState($hash);
        $code = new CodeState($hash);
        $handlers = new HandlerState();
        $settings = new SettingState();
        $process = new ProcessState($hash);

        return array_map(self::named(...), [
            'entry' => static fn (): iterable => (new EntryState($hash))->holds($application),
            'globals' => $variables->globals(...),
            'static-properties' => $variables->staticProperties(...),
            'static-variables' => $variables->staticVariables(...),
            'constants' => $code->constants(...),
            'code' => $code->counts(...),
            'autoloaders' => $handlers->autoloaders(...),
            'handlers' => $handlers->handlers(...),
            'output' => $handlers->output(...),
            'ini' => $settings->ini(...),
            'settings' => $settings->settings(...),
            'streams' => $settings->streams(...),
            'session' => $settings->session(...),
            'environment' => $process->environment(...),
            'process' => $process->process(...),
            'descriptors' => $process->descriptors(...),
            'children' => $process->children(...),
            'signals' => $process->signals(...),
            'limits' => $process->limits(...),
        ]);
    }

    /**
     * The entries of one group. A group that PHP refuses to show, as when a function is disabled,
     * must not cost the others.
     * @param Closure(): iterable<string, string|int> $look
     * @return array<string, string|int>
     */
    private static function named(Closure $look): array
    {
        $named = [];
        try {
            foreach ($look() as $name => $value) {
                $named[$name] = $value;
            }
        } catch (Throwable $thrown) {
            $named['not examined'] = $thrown::class;
        }

        return $named;
    }
}
