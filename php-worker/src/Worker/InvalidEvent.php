<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

use RuntimeException;

/** The event does not fit the entry. The message never quotes the event, which may be secret. */
final class InvalidEvent extends RuntimeException
{
}
