<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Context;

final class ContextTest extends LibraryTestCase
{
    protected function tearDown(): void
    {
        foreach (['FUNCTION_NAME', 'FUNCTION_VERSION', 'FUNCTION_MEMORY_SIZE'] as $name) {
            putenv("AWS_LAMBDA_$name");
        }
        putenv('AWS_LAMBDA_LOG_GROUP_NAME');
        putenv('AWS_LAMBDA_LOG_STREAM_NAME');
    }

    public function testTheFunctionIsDescribedByTheEnvironment(): void
    {
        putenv('AWS_LAMBDA_FUNCTION_NAME=invoices');
        putenv('AWS_LAMBDA_FUNCTION_VERSION=12');
        putenv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512');
        putenv('AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/invoices');
        putenv('AWS_LAMBDA_LOG_STREAM_NAME=2026/01/01/[12]abc');
        $context = Context::fromInvocation(self::INVOCATION);

        self::assertSame('invoices', $context->getFunctionName());
        self::assertSame('12', $context->getFunctionVersion());
        self::assertSame(512, $context->getMemoryLimitInMB());
        self::assertSame('/aws/lambda/invoices', $context->getLogGroupName());
        self::assertSame('2026/01/01/[12]abc', $context->getLogStreamName());
    }

    public function testTheNameIsTakenFromTheArnWithoutAnEnvironment(): void
    {
        self::assertSame('orders', Context::fromInvocation(self::INVOCATION)->getFunctionName());
        self::assertSame('', Context::fake(functionArn: 'no arn')->getFunctionName());
    }

    public function testTheRemainingTimeCountsDownToZeroAtTheDeadline(): void
    {
        $remaining = Context::fake(remainingMs: 60000)->getRemainingTimeInMillis();

        self::assertLessThanOrEqual(60000, $remaining);
        self::assertGreaterThan(50000, $remaining);
        self::assertSame(0, Context::fake(remainingMs: -1000)->getRemainingTimeInMillis());
    }

    public function testAbsentAndMalformedTextsOfTheCallerAreEmpty(): void
    {
        foreach (['', '{"client":', '"text"', 'null'] as $text) {
            $context = Context::fromInvocation(
                ['clientContext' => $text, 'cognitoIdentity' => $text] + self::INVOCATION,
            );
            self::assertSame([], $context->getClientContext());
            self::assertSame([], $context->getIdentity());
        }
    }

    public function testAFakeHoldsTheValuesGiven(): void
    {
        $context = Context::fake(
            requestId: 'r',
            tenantId: 'blue',
            clientContext: ['custom' => ['a' => 1]],
            identity: ['cognitoIdentityId' => 'me'],
        );

        self::assertSame(['r', 'blue'], [$context->requestId, $context->tenantId]);
        self::assertSame(['custom' => ['a' => 1]], $context->getClientContext());
        self::assertSame(['cognitoIdentityId' => 'me'], $context->getIdentity());
    }
}
