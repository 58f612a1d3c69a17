<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Illuminate\Contracts\Http\Kernel;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap\RegisterProviders;
use Illuminate\Foundation\HttpKernel;
use Illuminate\Support\Facades\Facade;
use Phork\Context;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;

final class LaravelTest extends LibraryTestCase
{
    private Application $app;

    protected function setUp(): void
    {
        $this->app = new Application();
    }

    public function testAnApplicationIsBootstrappedOnceWithAPlaceholderRequest(): void
    {
        $dispatcher = self::boot($this->application());

        self::assertSame('http', $dispatcher->serves());
        self::assertSame(['stand-in request', RegisterProviders::class], $this->app->calls);
    }

    public function testAKernelIsTakenAsItIs(): void
    {
        $dispatcher = self::boot($this->application()->make(Kernel::class));

        self::assertSame('http', $dispatcher->serves());
        self::assertContains(RegisterProviders::class, $this->app->calls);
    }

    public function testTheKernelIsTerminatedAfterTheAnswer(): void
    {
        $this->app->calls = [];
        $context = null;
        $application = $this->application(function (Request $request) use (&$context): Response {
            $this->app->calls[] = 'handle';
            $context = $request->attributes->get('_phork_context');

            return new Response('hello');
        });
        $dispatcher = self::boot($application);
        $this->app->calls = [];

        self::assertSame('hello', $this->request($dispatcher));
        self::assertSame(['handle', 'terminate'], $this->app->calls);
        self::assertInstanceOf(Context::class, $context);
    }

    public function testTheNextRequestFindsNothingOfThePreviousUser(): void
    {
        $auth = new class () {
            public array $guards = ['of the last user'];

            public function forgetGuards(): void
            {
                $this->guards = [];
            }
        };
        $store = new class () {
            public array $attributes = ['of' => 'the last user'];
            public string $id = 'old';

            public function flush(): void
            {
                $this->attributes = [];
            }

            public function regenerate(): void
            {
                $this->id = 'new';
            }
        };
        $session = new class ($store) {
            public function __construct(private object $store)
            {
            }

            public function getDrivers(): array
            {
                return ['cookie' => $this->store];
            }
        };
        $cookies = new class () {
            public array $queued = ['of the last user'];

            public function flushQueuedCookies(): void
            {
                $this->queued = [];
            }
        };
        $dispatcher = self::boot($this->application());
        $this->app->instances += compact('auth', 'session') + ['cookie' => $cookies];
        $this->app->instances['auth.driver'] = $auth;

        $this->request($dispatcher);
        self::assertSame(['of the last user'], $auth->guards);
        [$this->app->locale, $cleared] = ['de', Facade::$cleared];
        $this->request($dispatcher);

        self::assertSame([[], []], [$auth->guards, $cookies->queued]);
        self::assertSame([[], 'new'], [$store->attributes, $store->id]);
        self::assertFalse($this->app->resolved('auth.driver'));
        self::assertContains('forget scoped', $this->app->calls);
        self::assertSame(['en', $cleared + 1], [$this->app->locale, Facade::$cleared]);
    }

    /** @param ?callable(Request): Response $controller */
    private function application(?callable $controller = null): Application
    {
        $controller ??= static fn (): Response => new Response();
        $this->app->instances[Kernel::class] = new HttpKernel($this->app, $controller);

        return $this->app;
    }

    private function request(\Phork\Worker\Dispatcher $dispatcher): string
    {
        ob_start();
        $failure = $dispatcher->serveHttp(self::INVOCATION);
        $body = (string) ob_get_clean();
        self::assertNull($failure, $failure->message ?? '');

        return $body;
    }
}
