<?php
// SPDX-License-Identifier: MIT
//
// A kernel that serves more than one request, with Symfony's own packages: those of
// examples/symfony-messenger.

declare(strict_types=1);

namespace Phork\Tests\Bridge;

use Phork\Context;
use Phork\Entry\SymfonyKernelEntry;
use PHPUnit\Framework\TestCase;
use Symfony\Component\Filesystem\Filesystem;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpKernel\Event\RequestEvent;
use Symfony\Component\HttpKernel\KernelEvents;

require_once __DIR__ . '/../Handlers.php';

final class KernelTest extends TestCase
{
    use Handlers;

    public function testServicesAreResetBeforeTheNextRequest(): void
    {
        if (!class_exists(Filesystem::class)) {
            self::markTestSkipped('there are no packages in examples/symfony-messenger');
        }
        $this->rememberHandlers();
        $folder = sys_get_temp_dir() . '/phork-kernel-' . bin2hex(random_bytes(8));
        mkdir($folder);
        Services::$resets = 0;
        $kernel = new TestKernel(['enabled' => false], $folder);
        $entry = SymfonyKernelEntry::from($kernel);
        $kernel->getContainer()->get(Services::class);
        $kernel->getContainer()->get('event_dispatcher')->addListener(
            KernelEvents::REQUEST,
            static fn (RequestEvent $event) => $event->setResponse(
                new Response('resets: ' . Services::$resets),
            ),
        );

        self::assertSame('resets: 0', self::served($entry));
        self::assertSame('resets: 1', self::served($entry));

        (new Filesystem())->remove($folder);
        $this->restoreHandlers();
    }

    private static function served(SymfonyKernelEntry $entry): string
    {
        $_SERVER['REQUEST_URI'] = '/';
        ob_start();
        $entry->serve(Context::fake());

        return (string) ob_get_clean();
    }
}
