<?php
// SPDX-License-Identifier: MIT
//
// A client of a WebSocket API connects, sends a message or disconnects. An answer with a statusCode
// other than 2xx to `CONNECT` refuses the connection.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html

declare(strict_types=1);

namespace Phork\Event;

use DateTimeImmutable;
use Phork\Event\Record\Time;

final readonly class WebSocketEvent extends Event
{
    public const PARTS = [...parent::PARTS, HttpParts::class];

    /**
     * @param array<mixed> $event
     * @param 'CONNECT'|'MESSAGE'|'DISCONNECT' $eventType
     * @param string $routeKey such as `$connect` or `$default`
     * @param ?string $body bytes of a message; null without one
     * @param array<array-key, list<string>> $headers by name in lower case; none with a message
     * @param array<array-key, list<string>> $query only of a client that connects
     * @param Fields $requestContext all that API Gateway says about the connection
     */
    private function __construct(
        array $event,
        public string $eventType,
        public string $routeKey,
        public string $connectionId,
        public string $apiId,
        public string $domainName,
        public string $stage,
        public ?string $body,
        public array $headers,
        public array $query,
        public DateTimeImmutable $connectedAt,
        public Fields $requestContext,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $context = $fields->object('requestContext');

        return new self(
            $event,
            $context->oneOf('eventType', ['CONNECT', 'MESSAGE', 'DISCONNECT']),
            $context->string('routeKey'),
            $context->string('connectionId'),
            $context->string('apiId'),
            $context->string('domainName'),
            $context->string('stage'),
            $fields->has('body') ? HttpParts::body($fields) : null,
            HttpParts::headers($fields),
            HttpParts::query($fields),
            Time::ofMilliseconds($context->int('connectedAt')),
            $context,
        );
    }

    /** The endpoint of the API's management, which sends to a client by its connectionId. */
    public function managementUrl(): string
    {
        return "https://$this->domainName/$this->stage";
    }

    /**
     * The body of a message that is JSON.
     * @return array<mixed>
     * @throws InvalidField also when there is no body
     */
    public function json(): array
    {
        return $this->body === null
            ? throw Fields::of($this->toArray())->invalid('body', 'JSON of an object or list')
            : Fields::decoded($this->body, 'body');
    }
}
