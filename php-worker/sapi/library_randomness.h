// SPDX-License-Identifier: MIT
//
// Random generators of C libraries that PHP code reaches through extensions. They seed themselves
// once in a process, or never, and know nothing of a fork or of a copy of the machine.
#pragma once

namespace phork::sapi {

// Seeds from the kernel: SQLite's random() and randomblob(), and the C library's rand(), random()
// and drand48(), which libexslt's math:random uses. The first call makes SQLite ready for use, so a
// zygote makes one for all of its children. docs/zygote.md names those that cannot be.
void reseed_libraries();

// The same for generators of libraries that seed themselves again when the process id has changed:
// OpenSSL's and GnuTLS's, if they are loaded. After the restore of a snapshot it has not changed.
void reseed_cryptography();

}  // namespace phork::sapi
