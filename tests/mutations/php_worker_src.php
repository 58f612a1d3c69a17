<?php
// SPDX-License-Identifier: MIT
//
// Edits of php-worker/src.

declare(strict_types=1);

return [
    [
        'file' => 'php-worker/src/Context.php',
        'find' => 'max(0, $this->deadlineMs - self::nowMs())',
        'put' => '$this->deadlineMs - self::nowMs()',
        'suite' => 'php/ContextTest',
        'test' => 'testTheRemainingTimeCountsDownToZeroAtTheDeadline',
        'why' => 'the remaining time is negative',
    ],
    [
        'file' => 'php-worker/src/Context.php',
        'find' => 'return \is_array($value) ? $value : [];',
        'put' => 'return $value;',
        'suite' => 'php/ContextTest',
        'test' => 'testAbsentAndMalformedTextsOfTheCallerAreEmpty',
        'why' => "a caller's malformed JSON fails the event",
    ],
    [
        'file' => 'php-worker/src/Worker/StackTrace.php',
        'find' => '$rest = \count($trace) - \count($lines);',
        'put' => '$rest = 0;',
        'suite' => 'php/FailureTest',
        'test' => 'testTracesOfDeepRecursionAndLongChainsAreCut',
        'why' => 'a trace that was cut does not say so',
    ],
    [
        'file' => 'php-worker/src/Worker/StackTrace.php',
        'find' => '            $place = $frame;',
        'put' => '',
        'suite' => 'php/FailureTest',
        'test' => 'testEachFrameHasTheLineOfItsCall',
        'why' => 'each frame has the place of the first',
    ],
    [
        'file' => 'php-worker/src/Worker/Pieces.php',
        'find' => '$isSequence && !$value instanceof JsonSerializable',
        'put' => '$isSequence',
        'suite' => 'php/StreamTest',
        'test' => 'testASequenceWithItsOwnJsonIsAnsweredAsAWhole',
        'why' => 'a value with its own JSON is sent in pieces',
    ],
    [
        'file' => 'php-worker/src/Worker/ResultStream.php',
        'find' => "\$piece !== '' && !",
        'put' => '!',
        'suite' => 'php/StreamTest',
        'test' => 'testPiecesAreSentOneByOneAsBytes',
        'why' => 'an empty piece is written, which would end the answer',
    ],
    [
        'file' => 'php-worker/src/Worker/ResultStream.php',
        'find' => '$status < 200 || $status > 599',
        'put' => '$status < 100 || $status > 599',
        'suite' => 'php/StreamTest',
        'test' => 'testAnInvalidHeadIsNamedBeforeAnythingIsSent',
        'why' => 'an interim status begins a stream',
    ],
    [
        'file' => 'php-worker/src/Psr/RequestFromGlobals.php',
        'find' => "\$https !== '' && \$https !== 'off'",
        'put' => "\$https !== ''",
        'suite' => 'php/Psr15Test',
        'test' => 'testTheUriIsTheOneThatTheClientRequested',
        'why' => 'HTTPS=off is secure',
    ],
    [
        'file' => 'php-worker/src/Psr/RequestFromGlobals.php',
        'find' => "return \$method === 'POST' && ",
        'put' => 'return ',
        'suite' => 'php/Psr15Test',
        'test' => 'testOnlyFormsHaveAParsedBody',
        'why' => 'a PUT has a parsed body',
    ],
];
