<?php
// SPDX-License-Identifier: MIT
//
// A REST API asks if the bearer of a token may call a method.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html

declare(strict_types=1);

namespace Phork\Event;

use SensitiveParameter;

final readonly class TokenAuthorizerEvent extends Event
{
    public const PARTS = [...parent::PARTS, HttpParts::class, AuthorizerAnswer::class];

    /**
     * @param array<mixed> $event
     * @param string $token the whole header, such as `Bearer abc`
     * @param string $methodArn that the client wants to call
     */
    private function __construct(
        #[SensitiveParameter] array $event,
        #[SensitiveParameter] public string $token,
        public string $methodArn,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $fields->oneOf('type', ['TOKEN']);

        return new self(
            $event,
            $fields->string('authorizationToken'),
            $fields->string('methodArn'),
        );
    }

    /** The token of the scheme `Bearer`; null when the header has another one. */
    public function bearer(): ?string
    {
        return HttpParts::bearer($this->token);
    }
}
