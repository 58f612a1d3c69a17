<?php
// SPDX-License-Identifier: MIT
//
// A trigger of an Amazon Cognito user pool. Cognito waits for the event back, with `response`
// filled in: return answer() from the handler. To refuse, throw an exception; its message is shown
// to the user.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html

declare(strict_types=1);

namespace Phork\Event;

final readonly class CognitoEvent extends Event
{
    /**
     * @param array<mixed> $event
     * @param string $triggerSource such as `PreSignUp_AdminCreateUser`
     * @param string $trigger its part before `_`, such as `PreSignUp`
     * @param ?string $userName null where the user is not known yet
     * @param array<array-key, string> $userAttributes of the request; `true` and `false` as strings
     * @param Fields $request all that Cognito sent for this trigger
     */
    private function __construct(
        array $event,
        public string $triggerSource,
        public string $trigger,
        public string $region,
        public string $userPoolId,
        public ?string $userName,
        public string $clientId,
        public array $userAttributes,
        public Fields $request,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $source = $fields->string('triggerSource');
        $request = $fields->object('request');

        return new self(
            $event,
            $source,
            explode('_', $source)[0],
            $fields->string('region'),
            $fields->string('userPoolId'),
            $fields->optionalString('userName'),
            $fields->object('callerContext')->string('clientId'),
            self::attributes($request),
            $request,
        );
    }

    /**
     * The event with these fields of `response` set; others stay as they came.
     * @param array<string, mixed> $response such as `['autoConfirmUser' => true]`
     * @return array<mixed>
     */
    public function answer(array $response = []): array
    {
        $event = $this->toArray();
        if ($response !== []) {
            $event['response'] = $response
                + (Fields::of($event)->optionalObject('response')?->toArray() ?? []);
        }

        return $event;
    }

    /**
     * Cognito writes `email_verified` as a string in some triggers and as a boolean in others.
     * @return array<array-key, string>
     */
    private static function attributes(Fields $request): array
    {
        $attributes = [];
        $all = $request->optionalMap('userAttributes');
        foreach ($all?->toArray() ?? [] as $name => $value) {
            $attributes[$name] = match ($value) {
                true => 'true',
                false => 'false',
                default => $all?->string((string) $name) ?? '',
            };
        }

        return $attributes;
    }
}
