<?php
// SPDX-License-Identifier: MIT
//
// A Laravel application, or its HTTP kernel. It is bootstrapped with the worker, as Octane does:
// providers boot before there is a request, so they get the one that Laravel makes for its console
// commands, and handle() replaces it for each event. send() completes the answer (it calls
// fastcgi_finish_request), so the caller does not wait for terminate().

declare(strict_types=1);

namespace Phork\Entry;

use Illuminate\Contracts\Http\Kernel;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap\RegisterProviders;
use Illuminate\Foundation\Bootstrap\SetRequestForConsole;
use Illuminate\Http\Request;
use Phork\Context;

final class LaravelEntry implements HttpEntry
{
    private bool $hasServed = false;

    private function __construct(
        private readonly Kernel $kernel,
        private readonly LaravelState $state,
    ) {
    }

    public static function from(mixed $returned): ?static
    {
        $kernel = $returned instanceof Application ? $returned->make(Kernel::class) : $returned;
        if (!$kernel instanceof Kernel) {
            return null;
        }
        $application = $kernel->getApplication();
        $application->beforeBootstrapping(
            RegisterProviders::class,
            static fn (Application $app) => (new SetRequestForConsole())->bootstrap($app),
        );
        $kernel->bootstrap();

        return new self($kernel, LaravelState::of($application));
    }

    public function serve(Context $context): void
    {
        if ($this->hasServed) {
            $this->state->forget();
        }
        $this->hasServed = true;
        $request = Request::capture();
        $request->attributes->set(self::CONTEXT_ATTRIBUTE, $context);
        $response = $this->kernel->handle($request);
        $response->send();
        $this->kernel->terminate($request, $response);
    }
}
