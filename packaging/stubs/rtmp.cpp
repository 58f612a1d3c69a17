// SPDX-License-Identifier: MIT
//
// In the place of librtmp, which brings GnuTLS. libcurl uses it for rtmp:// URLs, and takes a null
// RTMP_Alloc() for an error: https://github.com/curl/curl/blob/curl-7_88_1/lib/curl_rtmp.c
#include "packaging/stubs/library.h"

PHORK_RETURNS_NULL(RTMP_Alloc)
PHORK_RETURNS_NULL(RTMP_Close)
PHORK_RETURNS_NULL(RTMP_Connect1)
PHORK_RETURNS_NULL(RTMP_ConnectStream)
PHORK_RETURNS_NULL(RTMP_Free)
PHORK_RETURNS_NULL(RTMP_Init)
PHORK_FAILS(RTMP_Read)
PHORK_RETURNS_NULL(RTMP_SetBufferMS)
PHORK_RETURNS_NULL(RTMP_SetupURL)
PHORK_FAILS(RTMP_Write)
