<?php
// SPDX-License-Identifier: MIT
//
// Loads the whole library at once. php-worker loads each class when it is used (library.h), but
// php-fpm can do so only with an autoloader, which the application would see. Parents come before
// their children. Phork\Event has a file of its own, for handlers that name its classes.

declare(strict_types=1);

require_once __DIR__ . '/functions.php';
require_once __DIR__ . '/Hooks.php';
require_once __DIR__ . '/Context.php';
require_once __DIR__ . '/Handler.php';
require_once __DIR__ . '/Console/Command.php';
require_once __DIR__ . '/Console/CommandFailed.php';
require_once __DIR__ . '/Console/Console.php';
require_once __DIR__ . '/Entry/Entry.php';
require_once __DIR__ . '/Entry/EventEntry.php';
require_once __DIR__ . '/Entry/HttpEntry.php';
require_once __DIR__ . '/Entry/Advice.php';
require_once __DIR__ . '/Entry/CallableEntry.php';
require_once __DIR__ . '/Entry/EntryKinds.php';
require_once __DIR__ . '/Entry/EventParameter.php';
require_once __DIR__ . '/Entry/HandlerEntry.php';
require_once __DIR__ . '/Entry/LaravelEntry.php';
require_once __DIR__ . '/Entry/LaravelState.php';
require_once __DIR__ . '/Entry/Psr15Entry.php';
require_once __DIR__ . '/Entry/SymfonyKernelEntry.php';
require_once __DIR__ . '/Entry/TypedEvent.php';
require_once __DIR__ . '/Psr/Psr17Factories.php';
require_once __DIR__ . '/Psr/RequestFromGlobals.php';
require_once __DIR__ . '/Psr/ResponseEmitter.php';
require_once __DIR__ . '/Psr/UploadedFiles.php';
require_once __DIR__ . '/Secrets/Problem.php';
require_once __DIR__ . '/Secrets/Client.php';
require_once __DIR__ . '/Secrets/AwsSdk.php';
require_once __DIR__ . '/Secrets/Secrets.php';
require_once __DIR__ . '/Secrets/SecretsFailed.php';
require_once __DIR__ . '/Worker/Autoloader.php';
require_once __DIR__ . '/Worker/HookCalls.php';
require_once __DIR__ . '/Worker/Dispatcher.php';
require_once __DIR__ . '/Worker/EmptyObject.php';
require_once __DIR__ . '/Worker/Event.php';
require_once __DIR__ . '/Worker/EventSource.php';
require_once __DIR__ . '/Worker/Failure.php';
require_once __DIR__ . '/Worker/InvalidEvent.php';
require_once __DIR__ . '/Worker/InvalidResult.php';
require_once __DIR__ . '/Worker/InvalidValue.php';
require_once __DIR__ . '/Worker/Json.php';
require_once __DIR__ . '/Worker/Pieces.php';
require_once __DIR__ . '/Worker/ResultStream.php';
require_once __DIR__ . '/Worker/SourceInResult.php';
require_once __DIR__ . '/Worker/StackTrace.php';
require_once __DIR__ . '/Worker/StandardStreams.php';
require_once __DIR__ . '/Worker/StateRecorder.php';
require_once __DIR__ . '/Worker/UnusableEntry.php';
require_once __DIR__ . '/Worker/Utf8.php';
require_once __DIR__ . '/Fpm/FatalError.php';
require_once __DIR__ . '/Fpm/Front.php';
require_once __DIR__ . '/Fpm/Reply.php';
