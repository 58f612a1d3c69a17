<?php
// SPDX-License-Identifier: MIT
//
// Calls the library as the SAPI does, by the methods of a Dispatcher.

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Worker\Dispatcher;
use Phork\Worker\Failure;
use PHPUnit\Framework\TestCase;

abstract class LibraryTestCase extends TestCase
{
    protected const INVOCATION = [
        'requestId' => '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
        'deadlineMs' => 4102444800000,
        'functionArn' => 'arn:aws:lambda:eu-west-1:123456789012:function:orders:7',
        'traceId' => 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
        'clientContext' => '{"client":{"app_title":"shop"}}',
        'cognitoIdentity' => '{"cognitoIdentityId":"id-1"}',
        'tenantId' => 'blue',
    ];

    protected static function boot(mixed $returned, string $function = ''): Dispatcher
    {
        return Dispatcher::boot($returned, $function);
    }

    /** The failure to boot. */
    protected static function refusal(mixed $returned, string $function = ''): Failure
    {
        return Dispatcher::boot($returned, $function);
    }

    protected static function bootHandler(string $file): Dispatcher
    {
        return self::boot(require __DIR__ . "/../fixtures/handlers/$file");
    }

    protected static function serve(mixed $returned, string $event = '{}'): string|Failure|null
    {
        return self::boot($returned)->serveEvent($event, self::INVOCATION);
    }
}
