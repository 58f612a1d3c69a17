<?php
// SPDX-License-Identifier: MIT
//
// The answer of a Lambda authorizer: a policy, which each kind of API takes, or yes and no for HTTP
// APIs with simple responses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html

declare(strict_types=1);

namespace Phork\Event;

use InvalidArgumentException;
use JsonSerializable;

final readonly class AuthorizerAnswer implements JsonSerializable
{
    /** @param array<string, mixed> $answer */
    private function __construct(private array $answer)
    {
    }

    /**
     * @param string $principalId of the caller, for logs
     * @param string|non-empty-list<string> $resources ARNs, with `*` for any part. API Gateway
     *     keeps the policy for the token's next requests: name all that the caller may call
     * @param array<string, scalar> $context for the function behind: strings, numbers, booleans
     * @param ?string $usageKey of a usage plan that takes its key from authorizers
     */
    public static function allow(
        string $principalId,
        string|array $resources,
        array $context = [],
        ?string $usageKey = null,
    ): self {
        return self::policy('Allow', $principalId, $resources, $context, $usageKey);
    }

    /**
     * The caller gets 403. To answer 401, throw an exception with the message `Unauthorized`.
     * @param string|non-empty-list<string> $resources
     * @param array<string, scalar> $context
     */
    public static function deny(
        string $principalId,
        string|array $resources = '*',
        array $context = [],
    ): self {
        return self::policy('Deny', $principalId, $resources, $context, null);
    }

    /**
     * For HTTP APIs with EnableSimpleResponses.
     * @param array<string, mixed> $context
     */
    public static function simple(bool $isAuthorized, array $context = []): self
    {
        return new self(['isAuthorized' => $isAuthorized, 'context' => (object) $context]);
    }

    /** @return array<string, mixed> */
    public function jsonSerialize(): array
    {
        return $this->answer;
    }

    /**
     * @param 'Allow'|'Deny' $effect
     * @param string|non-empty-list<string> $resources
     * @param array<mixed> $context
     */
    private static function policy(
        string $effect,
        string $principalId,
        string|array $resources,
        array $context,
        ?string $usageKey,
    ): self {
        foreach ($context as $key => $value) {
            // API Gateway answers 500 to the client, and logs no reason.
            if (!\is_scalar($value)) {
                throw new InvalidArgumentException("authorizer: context.$key: expected a string, a"
                    . ' number or a boolean, got ' . get_debug_type($value));
            }
        }
        $statement = [
            'Action' => 'execute-api:Invoke',
            'Effect' => $effect,
            'Resource' => $resources,
        ];
        $answer = [
            'principalId' => $principalId,
            'policyDocument' => ['Version' => '2012-10-17', 'Statement' => [$statement]],
            'context' => (object) $context,
        ];
        if ($usageKey !== null) {
            $answer['usageIdentifierKey'] = $usageKey;
        }

        return new self($answer);
    }
}
