<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event;

use UnexpectedValueException;

/**
 * A field of an event is absent or has the wrong type. The message has its path, the type that was
 * expected and the one that came, and never a value: events hold secrets, and messages are logged.
 */
final class InvalidField extends UnexpectedValueException
{
    /**
     * @param string $path such as `Records[0].s3.bucket.name`; '' for the event itself
     * @param string $expected such as `a string`
     * @param string $got such as `null`
     */
    public function __construct(
        public readonly string $path,
        public readonly string $expected,
        public readonly string $got,
    ) {
        parent::__construct(($path === '' ? 'event' : $path) . ": expected $expected, got $got");
    }
}
