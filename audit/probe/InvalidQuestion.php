<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

use InvalidArgumentException;

/** The event is not a question that the probe knows. */
final class InvalidQuestion extends InvalidArgumentException
{
}
