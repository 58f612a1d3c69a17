<?php
// SPDX-License-Identifier: MIT
//
// Sockets that a process holds. No connection leaves the machine.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Scratch;

final class SocketKinds implements Family
{
    public function group(): Group
    {
        return Group::Streams;
    }

    public function kinds(): iterable
    {
        yield from $this->ofStreams();
        yield from $this->ofExtensions();
    }

    private function ofStreams(): Generator
    {
        yield new Kind(
            'listening-socket',
            'a listening socket',
            self::isListening(...),
            // The kernel's abstract namespace leaves no file.
            static fn () => Kept::put(
                'listener',
                stream_socket_server("unix://\0" . Scratch::name('listener')),
            ),
            Needs::file('/proc/net/unix'),
        );
        yield new Kind(
            'unread-message',
            'a message on a pair of sockets in a static property',
            static fn () => \is_resource(Kept::get('pair')[1] ?? null)
                ? stream_socket_recvfrom(Kept::get('pair')[1], 16, STREAM_PEEK)
                : null,
            static fn () => fwrite(Kept::put(
                'pair',
                stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0),
            )[0], 'planted'),
        );
    }

    private function ofExtensions(): Generator
    {
        yield new Kind(
            'socket-object',
            'an option of a Socket in a static property',
            static fn () => Kept::get('socket') === null
                ? null
                : socket_get_option(Kept::get('socket'), SOL_SOCKET, SO_KEEPALIVE),
            static fn () => socket_set_option(
                Kept::put('socket', socket_create(AF_INET, SOCK_STREAM, SOL_TCP)),
                SOL_SOCKET,
                SO_KEEPALIVE,
                1,
            ),
            Needs::extension('sockets'),
        );
        yield new Kind(
            'curl-handle',
            'a handle of ext/curl in a static property',
            static fn () => Kept::get('curl') === null
                ? null
                : curl_getinfo(Kept::get('curl'), CURLINFO_EFFECTIVE_URL),
            static fn () => Kept::put('curl', curl_init('http://127.0.0.1/phork-audit')),
            Needs::extension('curl'),
        );
    }

    private static function isListening(): bool
    {
        $table = (string) file_get_contents('/proc/net/unix');

        return str_contains($table, '@' . Scratch::name('listener') . "\n");
    }
}
