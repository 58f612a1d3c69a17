<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

use RuntimeException;

/** The event is nothing the entry could be given. The message never holds a part of it. */
final class InvalidEvent extends RuntimeException
{
}
