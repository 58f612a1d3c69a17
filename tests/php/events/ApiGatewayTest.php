<?php
// SPDX-License-Identifier: MIT
//
// Requests, WebSocket connections and authorizers of API Gateway.

declare(strict_types=1);

namespace Phork\Tests\Events;

use InvalidArgumentException;
use Phork\Event\AuthorizerAnswer;
use Phork\Event\HttpEvent;
use Phork\Event\RequestAuthorizerEvent;
use Phork\Event\TokenAuthorizerEvent;
use Phork\Event\WebSocketEvent;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;

final class ApiGatewayTest extends TestCase
{
    public function testBothFormatsOfARequestReadAlike(): void
    {
        foreach (['http-v1' => '1.0', 'http-v2' => '2.0'] as $sample => $version) {
            $event = HttpEvent::fromArray(Samples::event($sample));

            self::assertSame([$version, 'POST', '/orders/paris', '192.0.2.1'], [
                $event->version, $event->method, $event->path, $event->sourceIp,
            ]);
            self::assertSame(['tag' => ['a b', 'c'], 'page' => ['2']], $event->query);
            self::assertSame(['a b', null], [
                $event->queryParameter('tag'), $event->queryParameter('no'),
            ]);
            self::assertSame(['session=1', 'theme=dark'], $event->cookies);
            self::assertSame(['number' => 1], $event->json());
            self::assertSame(['shop' => 'paris'], $event->pathParameters);
            self::assertMatchesRegularExpression(
                '/^paris, ?london$/',
                (string) $event->header('X-Shop'),
            );
            self::assertNull($event->header('x-other'));
        }
    }

    public function testARequestThroughALoadBalancerReadsAlike(): void
    {
        $event = HttpEvent::fromArray(Samples::event('alb'));

        self::assertSame(['1.0', 'POST', '/orders/paris', '192.0.2.1'], [
            $event->version, $event->method, $event->path, $event->sourceIp,
        ]);
        self::assertSame(['tag' => ['a b'], 'page' => ['2']], $event->query);
        self::assertSame(['session=1', 'theme=dark'], $event->cookies);
        self::assertSame(['number' => 1], $event->json());

        $lists = HttpEvent::fromArray([
            'queryStringParameters' => null,
            'multiValueQueryStringParameters' => ['a%5B%5D' => ['1', 'x+y']],
        ] + Samples::event('alb', ['headers' => ['x-forwarded-for' => null]]));
        self::assertSame(['a[]' => ['1', 'x y']], $lists->query);
        self::assertSame('', $lists->sourceIp);
    }

    public function testABodyThatIsNoBase64IsRefused(): void
    {
        $this->expectExceptionMessage('body: expected base64, got another string');

        HttpEvent::fromArray(Samples::event('http-v1', ['body' => '{secret}']));
    }

    public function testWebSocket(): void
    {
        [$connect, $message, $disconnect] = array_map(
            static fn (string $type): WebSocketEvent => WebSocketEvent::fromArray(
                Samples::event("websocket-$type"),
            ),
            ['connect', 'message', 'disconnect'],
        );

        self::assertSame(['CONNECT', 'MESSAGE', 'DISCONNECT'], [
            $connect->eventType, $message->eventType, $disconnect->eventType,
        ]);
        self::assertSame(['blue'], $connect->headers['x-room']);
        self::assertSame(['blue'], $connect->query['room']);
        self::assertSame(['say' => 'hello'], $message->json());
        self::assertSame(
            'https://abcdef123.execute-api.eu-west-1.amazonaws.com/prod',
            $message->managementUrl(),
        );
        $this->expectExceptionMessage('body: expected JSON of an object or list, got nothing');
        $disconnect->json();
    }

    public function testAuthorizersFindTheToken(): void
    {
        $token = TokenAuthorizerEvent::fromArray(Samples::event('authorizer-token'));
        $first = RequestAuthorizerEvent::fromArray(Samples::event('authorizer-request-v1'));
        $second = RequestAuthorizerEvent::fromArray(Samples::event('authorizer-request-v2'));

        self::assertSame(
            ['let-me-in', 'let-me-in', 'let-me-in'],
            [$token->bearer(), $first->bearer(), $second->bearer()],
        );
        self::assertSame(['GET', 'GET'], [$first->method, $second->method]);
        self::assertSame([['session=1'], ['session=1']], [$first->cookies, $second->cookies]);
        self::assertNull(TokenAuthorizerEvent::fromArray(
            Samples::event('authorizer-token', ['authorizationToken' => 'Basic abc']),
        )->bearer());
    }

    public function testAnswersOfAuthorizers(): void
    {
        self::assertSame(
            '{"principalId":"jane","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":'
            . '"execute-api:Invoke","Effect":"Allow","Resource":"arn:1"}]},"context":{"age":3},'
            . '"usageIdentifierKey":"key"}',
            json_encode(AuthorizerAnswer::allow('jane', 'arn:1', ['age' => 3], 'key')),
        );
        self::assertSame(
            '{"principalId":"jane","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":'
            . '"execute-api:Invoke","Effect":"Deny","Resource":"*"}]},"context":{}}',
            json_encode(AuthorizerAnswer::deny('jane')),
        );
        self::assertSame(
            '{"isAuthorized":false,"context":{}}',
            json_encode(AuthorizerAnswer::simple(false)),
        );
    }

    public function testTheContextOfAPolicyHasNoLists(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage('authorizer: context.roles: expected a string, a number or a '
            . 'boolean, got array');

        AuthorizerAnswer::allow('jane', 'arn:1', ['roles' => ['a']]);
    }
}
