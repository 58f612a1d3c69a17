<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** What events share on purpose: nothing in a channel counts as a leak (docs/isolation.md). */
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
            self::Tmp => 'files stay until the environment ends, or somebody removes them',
            self::RemoteConnections => 'a server may keep what it was told on a connection; '
                . 'persistent connections live as long as their process',
            self::SystemV => 'segments, semaphores and queues stay until somebody removes them',
        };
    }
}
