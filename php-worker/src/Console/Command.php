<?php
// SPDX-License-Identifier: MIT
//
// A command as an event names it: {"cli": "migrate --force"}, {"argv": ["migrate", "--force"]}, or
// a JSON string, which is what Bref's clients send. Messages have no word of it but its name.

declare(strict_types=1);

namespace Phork\Console;

use Phork\Worker\InvalidEvent;

final readonly class Command
{
    /**
     * @param list<string> $arguments without the name of the program
     * @param bool $check an exit code that is not 0 fails the event
     */
    private function __construct(public array $arguments, public bool $check)
    {
    }

    /** @throws InvalidEvent */
    public static function of(mixed $event): self
    {
        if (\is_string($event)) {
            return new self(self::words($event, 'event'), true);
        }
        $event = \is_array($event) ? $event : self::fail('got ' . get_debug_type($event));
        $line = $event['cli'] ?? null;
        $list = $event['argv'] ?? null;
        // Bref's runtime fails the event in both forms.
        $check = $event['check'] ?? getenv('BREF_RUNTIME') === 'console';
        if (!\is_bool($check)) {
            self::fail('"check": expected a bool, got ' . get_debug_type($check));
        }
        if ($line !== null && $list !== null) {
            self::fail('got both "cli" and "argv"');
        }
        if ($list !== null) {
            return new self(self::list($list), $check);
        }
        if (!\is_string($line)) {
            self::fail($line === null
                ? 'got an event with neither of them'
                : '"cli": expected a string, got ' . get_debug_type($line));
        }

        return new self(self::words($line, '"cli"'), $check);
    }

    /** The first word, such as "cache:clear"; "" for one that is no name, as it may be secret. */
    public function name(): string
    {
        $word = $this->arguments[0] ?? '';

        return preg_match('/^[a-z][a-z0-9:_.-]{0,63}$/iD', $word) === 1 ? $word : '';
    }

    /** @return list<string> */
    private static function list(mixed $list): array
    {
        if (!\is_array($list) || !array_is_list($list)) {
            $got = \is_array($list) ? 'an object' : get_debug_type($list);
            self::fail("\"argv\": expected a list of strings, got $got");
        }
        $arguments = [];
        foreach ($list as $index => $argument) {
            if (!\is_string($argument)) {
                $got = get_debug_type($argument);
                self::fail("\"argv\"[$index]: expected a string, got $got");
            }
            $arguments[] = $argument;
        }

        return $arguments;
    }

    /**
     * Splits a line into words by the quotes and backslashes of a POSIX shell. There is no shell,
     * so nothing is expanded, and operators and `#` are plain characters.
     * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
     * @return list<string>
     */
    private static function words(string $line, string $where): array
    {
        $words = [];
        $word = null;
        $end = \strlen($line);
        for ($at = 0; $at < $end; ++$at) {
            $plain = strcspn($line, " \t\n\\'\"", $at);
            if ($plain > 0) {
                $word .= substr($line, $at, $plain);
                $at += $plain - 1;
                continue;
            }
            switch ($line[$at]) {
                case '\\':
                    if ($at + 1 === $end) {
                        self::unended($where, 'nothing follows the backslash at position %d', $at);
                    }
                    // A backslash before the end of a line continues it.
                    $word = $line[++$at] === "\n" ? $word : $word . $line[$at];
                    break;
                case '"':
                case "'":
                    [$quoted, $at] = self::quoted($line, $where, $at);
                    $word .= $quoted;
                    break;
                default:
                    $words[] = $word;
                    $word = null;
            }
        }
        $words[] = $word;

        return array_values(array_filter($words, static fn (?string $each) => $each !== null));
    }

    /** @return array{string, int} what is between the quotes, and where the second one stands */
    private static function quoted(string $line, string $where, int $begin): array
    {
        $text = '';
        $stops = $line[$begin] === "'" ? "'" : '"\\';
        for ($at = $begin + 1; $at < \strlen($line); $at += 2) {
            $plain = strcspn($line, $stops, $at);
            $text .= substr($line, $at, $plain);
            $at += $plain;
            if (($line[$at] ?? '') === $stops[0]) {
                return [$text, $at];
            }
            $next = $line[$at + 1] ?? '';
            $text .= match (true) {
                $next === "\n" => '',
                $next !== '' && str_contains('$`"\\', $next) => $next,
                default => '\\' . $next,
            };
        }
        self::unended($where, 'the quote at position %d is not closed', $begin);
    }

    private static function unended(string $where, string $what, int $at): never
    {
        throw new InvalidEvent("event: split $where into words: " . sprintf($what, $at + 1));
    }

    private static function fail(string $got): never
    {
        throw new InvalidEvent('event: run a command: expected {"cli": "list --all"},'
            . " {\"argv\": [\"list\", \"--all\"]} or a JSON string, $got");
    }
}
