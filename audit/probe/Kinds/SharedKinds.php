<?php
// SPDX-License-Identifier: MIT
//
// Kinds in the channels outside the isolation contract, where events share state on purpose. A
// planted value may be there from an earlier audit, so each plant changes what it finds.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Channel;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Proc;
use Phork\Audit\Scratch;

final class SharedKinds implements Family
{
    private const SCRIPT = __DIR__ . '/../Planted/included.php';

    // The port of the discard service: UDP connects even when nothing listens.
    private const NOBODY_PORT = 9;

    public function group(): Group
    {
        return Group::Cache;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'opcode-cache',
            'a script in the opcode cache',
            static fn () => opcache_is_script_cached(self::SCRIPT),
            static fn () => opcache_is_script_cached(self::SCRIPT)
                ? opcache_invalidate(self::SCRIPT, true)
                : opcache_compile_file(self::SCRIPT),
            self::withoutOpcache(),
            Channel::Opcache,
        );
        yield new Kind(
            'apcu-value',
            'a value in APCu',
            static fn () => apcu_fetch(Scratch::MARK),
            static fn () => apcu_inc(Scratch::MARK, 1, ttl: 600),
            Needs::functions('apcu_inc') ?: (apcu_enabled() ? '' : 'APCu is switched off'),
            Channel::Apcu,
        );
        yield new Kind(
            'file-in-tmp',
            'a file in /tmp',
            static fn () => is_file(self::file()) ? file_get_contents(self::file()) : null,
            static fn () => file_put_contents(self::file(), '+', FILE_APPEND),
            channel: Channel::Tmp,
        );
        yield new Kind(
            'persistent-connection',
            'a connection of pfsockopen()',
            static fn () => self::connections() > 0,
            static fn () => pfsockopen('udp://127.0.0.1', self::NOBODY_PORT),
            Needs::file('/proc/net/udp'),
            Channel::RemoteConnections,
        );
        yield from $this->systemV();
    }

    private function systemV(): Generator
    {
        $key = ftok(__FILE__, 'p');
        yield new Kind(
            'shared-memory',
            'a segment of shared memory',
            static fn () => ($segment = @shmop_open($key, 'a', 0, 0)) === false
                ? null
                : shmop_read($segment, 0, 1),
            static function () use ($key): void {
                $segment = shmop_open($key, 'c', 0o600, 1);
                shmop_write($segment, shmop_read($segment, 0, 1) === '+' ? '-' : '+', 0);
            },
            Needs::extension('shmop'),
            Channel::SystemV,
        );
        yield new Kind(
            'message-queue',
            'a message in a queue',
            static fn () => msg_queue_exists($key)
                ? msg_stat_queue(msg_get_queue($key))['msg_qnum']
                : 0,
            static function () use ($key): void {
                $queue = msg_get_queue($key, 0o600);
                // Removes a message that is there, so that the queue does not grow with each audit.
                if (!msg_receive($queue, 1, $type, 16, $message, flags: MSG_IPC_NOWAIT)) {
                    msg_send($queue, 1, 'planted');
                }
            },
            Needs::extension('sysvmsg'),
            Channel::SystemV,
        );
    }

    private static function withoutOpcache(): string
    {
        $missing = Needs::functions('opcache_is_script_cached');
        $isOn = $missing === '' && opcache_get_status(false) !== false;

        return $missing ?: ($isOn ? '' : 'the opcode cache is switched off');
    }

    private static function file(): string
    {
        return Scratch::file('file');
    }

    // Connections of this process: field 10 of a line has the inode that our descriptor names.
    private static function connections(): int
    {
        $port = sprintf(':%04X', self::NOBODY_PORT);
        $ours = Proc::descriptors();
        $count = 0;
        foreach (file('/proc/net/udp', FILE_IGNORE_NEW_LINES) as $line) {
            $isWord = static fn (string $word): bool => $word !== '';
            $fields = array_values(array_filter(explode(' ', $line), $isWord));
            $socket = 'socket:[' . ($fields[9] ?? '') . ']';
            $isTo = str_ends_with($fields[2] ?? '', $port);
            $count += $isTo && \in_array($socket, $ours, true) ? 1 : 0;
        }

        return $count;
    }
}
