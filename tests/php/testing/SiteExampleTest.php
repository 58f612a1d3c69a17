<?php
// SPDX-License-Identifier: MIT
//
// The example of a plain script with static files, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class SiteExampleTest extends RuntimeTestCase
{
    /** @dataProvider strategies */
    public function testAPageIsMadeForTheVisitorsHost(string $strategy): void
    {
        $headers = ['x-forwarded-host' => 'shop.example'];
        [$status, $type, $body] = $this->get($strategy, '/', $headers);

        self::assertSame(200, $status);
        self::assertStringStartsWith('text/html', $type);
        self::assertStringContainsString('<h1>Welcome to shop.example</h1>', $body);
    }

    /** @dataProvider strategies */
    public function testAnotherPathIsNotFound(string $strategy): void
    {
        [$status, , $body] = $this->get($strategy, '/assets/../index.php');

        self::assertSame(404, $status);
        self::assertStringContainsString('There is no such page', $body);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/site';
    }

    protected function handler(): string
    {
        return 'index.php';
    }

    /**
     * @param array<string, string> $headers
     * @return array{int, string, string} status, type and body
     */
    private function get(string $strategy, string $path, array $headers = []): array
    {
        $answer = $this->invoke($strategy, [
            'version' => '2.0',
            'routeKey' => '$default',
            'rawPath' => $path,
            'rawQueryString' => '',
            'headers' => ['host' => 'api.example'] + $headers,
            'requestContext' => [
                'http' => ['method' => 'GET', 'path' => $path],
            ] + Samples::event('http-v2')['requestContext'],
            'isBase64Encoded' => false,
        ]);
        self::assertNull($answer->errorType, $answer->log);
        $headers = array_change_key_case($answer->value['headers']);
        $body = $answer->value['body'];

        return [
            $answer->value['statusCode'],
            $headers['content-type'] ?? '',
            $answer->value['isBase64Encoded'] ? base64_decode($body) : $body,
        ];
    }
}
