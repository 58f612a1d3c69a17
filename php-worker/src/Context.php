<?php
// SPDX-License-Identifier: MIT
//
// The second argument of a handler: what Lambda says about one event. Properties came with the
// event and are '' when Lambda sent nothing; the get...() methods read the environment, the clock
// or JSON on each call.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next

declare(strict_types=1);

namespace Phork;

final readonly class Context
{
    public function __construct(
        public string $requestId,
        public int $deadlineMs,
        public string $functionArn = '',
        public string $traceId = '',
        public string $tenantId = '',
        private string $clientContext = '',
        private string $cognitoIdentity = '',
        public string $rawEvent = '',
    ) {
    }

    /**
     * @param array{requestId: string, deadlineMs: int, functionArn: string, traceId: string,
     *     clientContext: string, cognitoIdentity: string, tenantId: string} $invocation
     * @param string $rawEvent the JSON text of the event; '' for an HTTP request
     */
    public static function fromInvocation(array $invocation, string $rawEvent = ''): self
    {
        return new self(
            $invocation['requestId'],
            $invocation['deadlineMs'],
            $invocation['functionArn'],
            $invocation['traceId'],
            $invocation['tenantId'],
            $invocation['clientContext'],
            $invocation['cognitoIdentity'],
            $rawEvent,
        );
    }

    /**
     * A context for the tests of an application. The deadline is `$remainingMs` from now.
     * @param array<string, mixed> $clientContext
     * @param array<string, mixed> $identity
     */
    public static function fake(
        string $requestId = '00000000-0000-4000-8000-000000000000',
        int $remainingMs = 3000,
        string $functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:fake',
        string $traceId = '',
        string $tenantId = '',
        array $clientContext = [],
        array $identity = [],
        string $rawEvent = '',
    ): self {
        return new self(
            $requestId,
            self::nowMs() + $remainingMs,
            $functionArn,
            $traceId,
            $tenantId,
            json_encode($clientContext, JSON_THROW_ON_ERROR),
            json_encode($identity, JSON_THROW_ON_ERROR),
            $rawEvent,
        );
    }

    /** Never negative; at 0 Lambda may end the environment at any moment. */
    public function getRemainingTimeInMillis(): int
    {
        return max(0, $this->deadlineMs - self::nowMs());
    }

    public function getFunctionName(): string
    {
        return getenv('AWS_LAMBDA_FUNCTION_NAME') ?: (explode(':', $this->functionArn)[6] ?? '');
    }

    public function getFunctionVersion(): string
    {
        return getenv('AWS_LAMBDA_FUNCTION_VERSION') ?: '$LATEST';
    }

    public function getMemoryLimitInMB(): int
    {
        return (int) getenv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE');
    }

    public function getLogGroupName(): string
    {
        return (string) getenv('AWS_LAMBDA_LOG_GROUP_NAME');
    }

    public function getLogStreamName(): string
    {
        return (string) getenv('AWS_LAMBDA_LOG_STREAM_NAME');
    }

    /** @return array<mixed> as a mobile SDK sent it; [] when the event has none */
    public function getClientContext(): array
    {
        return self::decode($this->clientContext);
    }

    /** @return array<mixed> the caller's Amazon Cognito identity; [] without one */
    public function getIdentity(): array
    {
        return self::decode($this->cognitoIdentity);
    }

    private static function nowMs(): int
    {
        return (int) (microtime(true) * 1000);
    }

    /**
     * The caller wrote this text, so malformed JSON must not fail the event.
     * @return array<mixed>
     */
    private static function decode(string $json): array
    {
        $value = json_decode($json, true);

        return \is_array($value) ? $value : [];
    }
}
