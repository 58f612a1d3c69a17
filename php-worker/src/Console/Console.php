<?php
// SPDX-License-Identifier: MIT
//
// Serves the events of an entry that is a console, such as bin/console or artisan. The SAPI runs
// the entry for each command, in a copy of this process (php-worker/sapi/command.h). The boot loads
// what copies can share: the application's autoloader.

declare(strict_types=1);

namespace Phork\Console;

use Closure;
use Phork\Context;
use Phork\Handler;
use Phork\Worker\Autoloader;
use Phork\Worker\Json;
use Phork\Worker\StandardStreams;
use Phork\Worker\Utf8;

final readonly class Console implements Handler
{
    // An answer has at most 6 MB, and JSON may need more bytes for the text than it has. The log
    // has all of it.
    private const MAX_OUTPUT = 5_000_000;
    private const MAX_JSON = 6_000_000;

    private const MAX_MESSAGE = 4096;

    /** @param Closure(int, string): array{int, string, int} $run see php-worker/sapi/command.h */
    public function __construct(private string $script, private Closure $run)
    {
    }

    public static function boot(string $script): self
    {
        StandardStreams::define();
        Autoloader::load($script);
        // Loaded here once, and not in each copy.
        class_exists(Command::class);

        return new self($script, phork_run_command(...));
    }

    /** @return array{exitCode: int, output: string} */
    public function handle(mixed $event, Context $context): array
    {
        $command = Command::of($event);
        $arguments = [$this->script, ...$command->arguments];
        $GLOBALS['argv'] = $_SERVER['argv'] = $arguments;
        $GLOBALS['argc'] = $_SERVER['argc'] = \count($arguments);
        [$code, $output, $dropped] = ($this->run)(self::MAX_OUTPUT, $command->name());
        $output = Utf8::clean($output);
        if ($code !== 0 && $command->check) {
            $end = self::end($output, \strlen($output) - self::MAX_MESSAGE);
            throw new CommandFailed(trim("exit code $code: $end"), $code);
        }
        $end = self::endInJson($output);
        $dropped += \strlen($output) - \strlen($end);
        $note = "[phork: $dropped bytes before this are only in the log]\n";

        return ['exitCode' => $code, 'output' => $dropped === 0 ? $output : $note . $end];
    }

    /** The end whose JSON has at most MAX_JSON bytes; a byte of text has six at most. */
    private static function endInJson(string $text): string
    {
        for ($excess = 0;;) {
            $end = self::end($text, $excess);
            $more = \strlen(json_encode($end, Json::RESULT_FLAGS)) - self::MAX_JSON;
            if ($more <= 0) {
                return $end;
            }
            $excess += max(intdiv($more, 6), 1);
        }
    }

    /** Without the first `$excess` bytes, and without the rest of a character that these began. */
    private static function end(string $text, int $excess): string
    {
        return $excess <= 0
            ? $text
            : (string) preg_replace('/^[\x80-\xBF]+/', '', substr($text, $excess));
    }
}
