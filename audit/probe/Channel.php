<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** State that events share on purpose: no kind in a channel is a leak (docs/isolation.md). */
enum Channel: string
{
    case Opcache = 'opcache memory';
    case Apcu = 'APCu';
    case Tmp = '/tmp';
    case RemoteConnections = 'remote connections';
    case SystemV = 'System V IPC';

    public function policy(): string
    {
        return match ($this) {
            self::Opcache => 'compiled scripts are shared by all events of an environment',
            self::Apcu => 'values are shared by all events of an environment, until they expire',
            self::Tmp => 'files stay until they are removed or the environment ends',
            self::RemoteConnections => 'a server may keep state of a connection; '
                . 'persistent connections live as long as their process',
            self::SystemV => 'segments, semaphores and queues stay until they are removed',
        };
    }
}
