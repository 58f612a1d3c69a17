<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** The place of a kind of state; reports are ordered by it. */
enum Group: string
{
    case Php = 'php';
    case Settings = 'settings';
    case Output = 'output';
    case Errors = 'errors';
    case Streams = 'streams';
    case Process = 'process';
    case Random = 'random';
    case Extensions = 'extensions';
    case Http = 'http';
    case Cache = 'cache';
}
