<?php
// SPDX-License-Identifier: MIT
//
// The input of a task of AWS Step Functions, which the state machine's author chose. A task that
// waits for a token (`lambda:invoke.waitForTaskToken`) gets it in the field `taskToken`, by
// `"taskToken.$": "$$.Task.Token"` in the state's Payload.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html

declare(strict_types=1);

namespace Phork\Event;

final readonly class StepFunctionsEvent extends Event
{
    /**
     * @param array<mixed> $event
     * @param Fields $input reads the input field by field
     * @param ?string $taskToken to answer with through SendTaskSuccess or SendTaskFailure
     */
    private function __construct(array $event, public Fields $input, public ?string $taskToken)
    {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);

        return new self($event, $fields, $fields->optionalString('taskToken'));
    }

    /**
     * The input with these fields set, as the input of the next state.
     * @param array<string, mixed> $changes
     * @return array<mixed>
     */
    public function answer(array $changes = []): array
    {
        return $changes + $this->toArray();
    }
}
