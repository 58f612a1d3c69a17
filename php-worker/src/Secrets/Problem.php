<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Secrets;

/** Why a request has no answer of AWS. */
enum Problem
{
    case NoCredentials;
    case NoAddress;
    case Refused;
    case NoAnswer;
}
