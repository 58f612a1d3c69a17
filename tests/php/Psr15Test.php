<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Closure;
use Nyholm\Psr7\Factory\Psr17Factory;
use Phork\Context;
use Phork\Tests\Fixtures\LiveStream;
use Phork\Tests\Fixtures\Response;
use Phork\Tests\Fixtures\Sent;
use Phork\Tests\Fixtures\ServerRequest;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\StreamInterface;
use Psr\Http\Server\RequestHandlerInterface;
use RuntimeException;

final class Psr15Test extends LibraryTestCase
{
    /** @var list<array> */
    private array $saved;

    protected function setUp(): void
    {
        $this->saved = [$_GET, $_POST, $_COOKIE, $_FILES, $_SERVER];
        $_SERVER = ['REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/', 'HTTP_HOST' => 'shop.example'];
        Sent::reset();
    }

    protected function tearDown(): void
    {
        [$_GET, $_POST, $_COOKIE, $_FILES, $_SERVER] = $this->saved;
    }

    public function testTheFactoriesAreMadeOnceAtBoot(): void
    {
        $before = Psr17Factory::$made;
        $dispatcher = self::boot($this->handler(static fn () => new Response(204)));

        self::assertSame('http', $dispatcher->serves());
        self::assertNull($dispatcher->serveHttp(self::INVOCATION));
        self::assertNull($dispatcher->serveHttp(self::INVOCATION));
        self::assertSame($before + 1, Psr17Factory::$made);
    }

    public function testWithoutFactoriesTheEntryIsRefusedWithTheExpectedPackages(): void
    {
        $code = sprintf(
            'require %s; require %s; echo Phork\Worker\Dispatcher::boot(new class implements %s {
                function handle($request): %s {}
            }, "")->message;',
            var_export(__DIR__ . '/../../php-worker/src/load.php', true),
            var_export(__DIR__ . '/fixtures/psr_interfaces.php', true),
            RequestHandlerInterface::class,
            ResponseInterface::class,
        );
        $php = escapeshellarg(PHP_BINARY);
        $printed = shell_exec("$php -r " . escapeshellarg($code) . ' 2>&1');

        self::assertSame(
            'entry: find PSR-17 factories for the PSR-15 handler: expected one of the packages'
                . ' slim/psr7, laminas/laminas-diactoros, nyholm/psr7, guzzlehttp/psr7,'
                . ' but none is installed',
            $printed,
        );
    }

    public function testARequestIsMadeFromTheSuperglobals(): void
    {
        $_GET = ['page' => '2'];
        $_COOKIE = ['sid' => 'a b'];
        $_SERVER = [
            'REQUEST_METHOD' => 'PUT',
            'REQUEST_URI' => '/a%20b?page=2',
            'QUERY_STRING' => 'page=2',
            'SERVER_PROTOCOL' => 'HTTP/1.0',
            'HTTPS' => 'on',
            'HTTP_HOST' => 'shop.example:8443',
            'HTTP_X_FORWARDED_FOR' => '203.0.113.9, 10.0.0.1',
            'HTTP_12' => 'digits',
            'HTTP_X_BAD' => "two\nlines",
            'CONTENT_TYPE' => 'application/json',
            'CONTENT_LENGTH' => '',
        ];
        $request = $this->received();

        self::assertSame('PUT', $request->method);
        self::assertSame('https://shop.example:8443/a%20b?page=2', (string) $request->uri);
        self::assertSame('1.0', $request->protocolVersion);
        self::assertEquals([
            'Host' => ['shop.example:8443'],
            'X-Forwarded-For' => ['203.0.113.9, 10.0.0.1'],
            '12' => ['digits'],
            'Content-Type' => ['application/json'],
        ], $request->headers);
        self::assertSame([['page' => '2'], ['sid' => 'a b']], [$request->query, $request->cookies]);
        self::assertSame($_SERVER, $request->server);
        self::assertInstanceOf(Context::class, $request->attributes['_phork_context']);
        self::assertNull($request->parsedBody);
        self::assertSame('', (string) $request->body);
    }

    public function testRepeatedHeadersAreListsAndPathParametersAreAttributes(): void
    {
        $_SERVER += ['HTTP_X_A' => 'a, b', 'HTTP_X_B' => 'changed', 'HTTP_X_C' => 'c, d'];
        putenv('[phork-request]=' . json_encode([
            'headers' => ['x-a' => ['a', 'b'], 'x-b' => ['1', '2'], 'x-d' => ['no', 'variable']],
            'path' => ['id' => '7', '0' => 'zero', '_phork_context' => 'x'],
        ]));
        $request = $this->received();
        putenv('[phork-request]');

        self::assertEquals([
            'Host' => ['shop.example'],
            'X-A' => ['a', 'b'],
            'X-B' => ['changed'],
            'X-C' => ['c, d'],
        ], $request->headers);
        self::assertSame(['7', 'zero'], [$request->attributes['id'], $request->attributes['0']]);
        self::assertInstanceOf(Context::class, $request->attributes['_phork_context']);
        self::assertSame(['_phork_context'], array_keys($this->received()->attributes));
    }

    /** @dataProvider uris */
    public function testTheUriIsTheOneThatTheClientRequested(array $server, string $uri): void
    {
        $_SERVER = $server + $_SERVER;

        self::assertSame($uri, (string) $this->received()->uri);
    }

    public static function uris(): iterable
    {
        yield 'plain' => [['SERVER_PORT' => '80'], 'http://shop.example/'];
        yield 'port of the server' => [['SERVER_PORT' => '8000'], 'http://shop.example:8000/'];
        yield 'port of the host first' => [
            ['SERVER_PORT' => '8000', 'HTTP_HOST' => 'a.example:81'],
            'http://a.example:81/',
        ];
        yield 'HTTPS=off' => [['HTTPS' => 'off'], 'http://shop.example/'];
        yield 'IPv6' => [['HTTP_HOST' => '[::1]:81'], 'http://[::1]:81/'];
        yield 'an impossible port' => [['HTTP_HOST' => 'a.example:99999'], 'http://a.example/'];
        yield 'no host' => [
            ['HTTP_HOST' => '', 'SERVER_NAME' => 'b.example'],
            'http://b.example/',
        ];
        yield 'an invalid host' => [
            ['HTTP_HOST' => 'user@evil/x', 'SERVER_NAME' => 'b.example'],
            'http://b.example/',
        ];
        yield 'no usable host' => [['HTTP_HOST' => 'a b'], 'http://localhost/'];
        yield 'two slashes' => [['REQUEST_URI' => '//x/y'], 'http://shop.example//x/y'];
        yield 'absolute' => [['REQUEST_URI' => 'http://a.example/y?z'], 'http://shop.example/y'];
        yield 'no path' => [['REQUEST_URI' => '?z'], 'http://shop.example/'];
    }

    /** @dataProvider contentTypes */
    public function testOnlyFormsHaveAParsedBody(string $method, string $type, ?array $body): void
    {
        $_POST = ['item' => 'lamp'];
        $_SERVER = ['REQUEST_METHOD' => $method, 'CONTENT_TYPE' => $type] + $_SERVER;

        self::assertSame($body, $this->received()->parsedBody);
    }

    public static function contentTypes(): iterable
    {
        $form = ['item' => 'lamp'];
        yield 'form' => ['POST', 'application/x-www-form-urlencoded', $form];
        yield 'with charset' => ['POST', 'Application/X-WWW-Form-Urlencoded; charset=utf-8', $form];
        yield 'multipart' => ['POST', 'multipart/form-data; boundary=x', $form];
        yield 'JSON' => ['POST', 'application/json', null];
        yield 'not a POST' => ['PUT', 'application/x-www-form-urlencoded', null];
    }

    public function testUploadsAreNestedLikeTheirFields(): void
    {
        $file = tempnam(sys_get_temp_dir(), 'phork');
        file_put_contents($file, 'hello');
        $_FILES = [
            'one' => self::upload('a.txt', $file, UPLOAD_ERR_OK),
            'none' => self::upload('', '', UPLOAD_ERR_NO_FILE),
            'gone' => self::upload('g.txt', '/nonexistent', UPLOAD_ERR_OK),
            'docs' => self::upload(['x' => ['p', 'q']], ['x' => [$file, $file]], ['x' => [0, 0]]),
        ];
        $files = $this->received()->files;
        unlink($file);

        self::assertSame(['a.txt', 'hello'], [$files['one']->name, $files['one']->content]);
        self::assertSame(UPLOAD_ERR_NO_FILE, $files['none']->getError());
        self::assertSame(UPLOAD_ERR_CANT_WRITE, $files['gone']->getError());
        self::assertSame('q', $files['docs']['x'][1]->name);
        self::assertSame('hello', $files['docs']['x'][1]->content);
    }

    public function testStatusReasonRepeatedHeadersAndCookiesAreSent(): void
    {
        $response = new Response(418, 'Teapot');
        $response->headers = [
            'X-Twice' => ['one', 'two'],
            'Set-Cookie' => ['a=1', 'b=2'],
            'Location' => ['/elsewhere'],
        ];
        Sent::$headers = ['Set-Cookie: session=x', 'X-Twice: default'];
        $body = $this->answer($response, $this->text('body'));

        self::assertSame([
            'Set-Cookie: session=x',
            'X-Twice: one',
            'X-Twice: two',
            'Set-Cookie: a=1',
            'Set-Cookie: b=2',
            'Location: /elsewhere',
            'HTTP/1.1 418 Teapot',
        ], Sent::$headers);
        self::assertSame([418, 'body'], [Sent::$status, $body]);
    }

    public function testABodyOfKnownSizeIsSentFromItsBeginningWithoutAFlush(): void
    {
        $long = str_repeat('0123456789', 30_000);
        $body = $this->text($long);
        $body->read(5);

        self::assertSame($long, $this->answer(new Response(200), $body));
        self::assertSame(0, Sent::$flushes);
    }

    public function testABodyOfUnknownSizeIsFlushedPieceByPiece(): void
    {
        $seen = [];
        $body = new LiveStream(['one ', 'two ', 'three'], static function () use (&$seen): void {
            $seen[] = Sent::$flushes;
        });

        self::assertSame('one two three', $this->answer(new Response(200), $body, levels: 2));
        self::assertSame([0, 1, 2], $seen);
    }

    public function testReadingABodyStopsWhenTheClientHasGone(): void
    {
        $reads = 0;
        $body = new LiveStream(['one', 'two', 'three'], static function () use (&$reads): void {
            Sent::$aborted = ++$reads === 2;
        });

        self::assertSame('onetwo', $this->answer(new Response(200), $body, levels: 2));
    }

    /** @dataProvider bodiless */
    public function testSomeAnswersHaveNoBody(string $method, int $status): void
    {
        $_SERVER['REQUEST_METHOD'] = $method;

        self::assertSame('', $this->answer(new Response($status), $this->text('body')));
        self::assertSame($status, Sent::$status);
    }

    public static function bodiless(): iterable
    {
        yield 'HEAD' => ['HEAD', 200];
        yield 'no content' => ['GET', 204];
        yield 'not modified' => ['GET', 304];
    }

    public function testOutputBeforeTheHeadersIsNamedInTheLog(): void
    {
        Sent::$startedBefore = true;
        $log = tempnam(sys_get_temp_dir(), 'phork');
        $before = ini_set('error_log', $log);
        $body = $this->answer(new Response(500), $this->text('body'));
        ini_set('error_log', $before);
        $written = file_get_contents($log);
        unlink($log);

        self::assertSame(['body', []], [$body, Sent::$headers]);
        self::assertStringContainsString('early.php:7', $written);
    }

    public function testAnExceptionOfTheHandlerIsAFailure(): void
    {
        $handler = $this->handler(static fn () => throw new RuntimeException('no database'));

        self::assertSame('no database', self::boot($handler)->serveHttp(self::INVOCATION)->message);
    }

    private function received(): ServerRequest
    {
        $received = null;
        $handler = $this->handler(static function (ServerRequest $request) use (&$received) {
            $received = $request;

            return new Response(204);
        });
        self::assertNull(self::boot($handler)->serveHttp(self::INVOCATION));

        return $received;
    }

    /** The printed text. An outer buffer collects what the inner one flushes. */
    private function answer(Response $response, StreamInterface $body, int $levels = 1): string
    {
        $dispatcher = self::boot($this->handler(static fn () => $response->withBody($body)));
        for ($level = 0; $level < $levels; ++$level) {
            ob_start();
        }
        $failure = $dispatcher->serveHttp(self::INVOCATION);
        for ($printed = ''; $levels > 0; --$levels) {
            $printed = ob_get_clean() . $printed;
        }
        self::assertNull($failure, $failure->message ?? '');

        return $printed;
    }

    private function text(string $text): StreamInterface
    {
        return (new Psr17Factory())->createStream($text);
    }

    private function handler(Closure $handle): RequestHandlerInterface
    {
        return new class ($handle) implements RequestHandlerInterface {
            public function __construct(private Closure $handle)
            {
            }

            public function handle(ServerRequestInterface $request): ResponseInterface
            {
                return ($this->handle)($request);
            }
        };
    }

    private static function upload(mixed $name, mixed $file, mixed $error): array
    {
        $other = \is_array($name) ? ['x' => [5, 5]] : 5;
        $type = \is_array($name) ? ['x' => ['text/plain', 'text/plain']] : 'text/plain';

        return ['name' => $name, 'full_path' => $name, 'type' => $type, 'tmp_name' => $file]
            + ['error' => $error, 'size' => $other];
    }
}
