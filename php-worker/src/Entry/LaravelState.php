<?php
// SPDX-License-Identifier: MIT
//
// Gives up what a Laravel application keeps of one event in a process that serves another one
// (strategy inprocess, a rehearsal before its fork, the jobs of one batch): else the next user
// would see the session and identity of the last one. Services that providers have configured are
// emptied and not replaced. Octane does the same by listeners; docs/frameworks.md has the list.

declare(strict_types=1);

namespace Phork\Entry;

use Illuminate\Foundation\Application;
use Illuminate\Support\Facades\Facade;

final readonly class LaravelState
{
    private function __construct(private Application $application, private string $locale)
    {
    }

    /** Of an application that has been bootstrapped and has served nothing. */
    public static function of(Application $application): self
    {
        return new self($application, $application->getLocale());
    }

    public function forget(): void
    {
        $application = $this->application;
        Facade::clearResolvedInstances();
        $application->forgetScopedInstances();
        $this->forgetUser();
        $this->forgetLogContext();
        $this->forgetQueries();
        if ($application->resolved('cookie')) {
            $application->make('cookie')->flushQueuedCookies();
        }
        if ($application->getLocale() !== $this->locale) {
            $application->setLocale($this->locale);
        }
    }

    private function forgetUser(): void
    {
        $application = $this->application;
        $application->forgetInstance('auth.driver');
        if ($application->resolved('auth')) {
            $application->make('auth')->forgetGuards();
        }
        if ($application->resolved('session')) {
            foreach ($application->make('session')->getDrivers() as $session) {
                $session->flush();
                $session->regenerate();
            }
        }
    }

    private function forgetLogContext(): void
    {
        if ($this->application->resolved('log')) {
            $log = $this->application->make('log');
            // Another logger that an application put here has neither.
            method_exists($log, 'flushSharedContext') && $log->flushSharedContext();
            method_exists($log, 'withoutContext') && $log->withoutContext();
        }
    }

    // Connections stay open.
    private function forgetQueries(): void
    {
        if (!$this->application->resolved('db')) {
            return;
        }
        foreach ($this->application->make('db')->getConnections() as $connection) {
            $connection->forgetRecordModificationState();
            $connection->flushQueryLog();
            $connection->resetTotalQueryDuration();
            $connection->allowQueryDurationHandlersToRunAgain();
        }
    }
}
