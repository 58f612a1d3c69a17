<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Worker\Failure;

final class HttpTest extends LibraryTestCase
{
    /** @var list<array> */
    private array $saved;

    protected function setUp(): void
    {
        $this->saved = [$_GET, $_SERVER];
    }

    protected function tearDown(): void
    {
        [$_GET, $_SERVER] = $this->saved;
    }

    public function testAKernelAnswersTheRequestInTheSuperglobals(): void
    {
        $_GET = ['page' => '2'];
        $_SERVER['REQUEST_URI'] = '/orders?page=2';
        [$failure, $body] = $this->request(self::bootHandler('kernel.php'));

        self::assertNull($failure);
        $answer = json_decode($body, true);
        self::assertSame(['page' => '2'], $answer['get']);
        self::assertSame('/orders?page=2', $answer['server']['REQUEST_URI']);
        self::assertSame(self::INVOCATION['requestId'], $answer['requestId']);
    }

    public function testAKernelIsBootedOnceBeforeTheFirstRequest(): void
    {
        $_SERVER['REQUEST_URI'] = '/';
        $dispatcher = self::bootHandler('kernel.php');

        foreach ([1, 2] as $nth) {
            $answer = json_decode($this->request($dispatcher)[1], true);
            self::assertSame([1, $nth], [$answer['boots'], $answer['served']]);
        }
    }

    public function testAKernelIsTerminatedAfterItsAnswer(): void
    {
        $log = tempnam(sys_get_temp_dir(), 'phork');
        $before = ini_set('error_log', $log);
        $_GET = ['terminate' => 'done'];
        $_SERVER['REQUEST_URI'] = '/';
        $this->request(self::bootHandler('kernel.php'));
        ini_set('error_log', $before);
        $written = file_get_contents($log);
        unlink($log);

        self::assertStringContainsString('terminated: done', $written);
    }

    public function testAnExceptionOfTheKernelIsAFailure(): void
    {
        $_SERVER['REQUEST_URI'] = '/throw';
        [$failure, $body] = $this->request(self::bootHandler('kernel.php'));

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('DomainException', $failure->type);
        self::assertSame('', $body);
    }

    public function testAnHttpEntryRefusesEventsOfOtherKinds(): void
    {
        $failure = self::bootHandler('kernel.php')->serveEvent('{"Records":[]}', self::INVOCATION);

        self::assertSame('Runtime.InvalidEvent', $failure->type);
    }

    public function testAHandlerRefusesHttpRequests(): void
    {
        [$failure] = $this->request(self::bootHandler('echo.php'));

        self::assertSame('Runtime.InvalidEvent', $failure->type);
    }

    /** @return array{?Failure, string} */
    private function request(\Phork\Worker\Dispatcher $dispatcher): array
    {
        ob_start();
        $failure = $dispatcher->serveHttp(self::INVOCATION);

        return [$failure, ob_get_clean()];
    }
}
