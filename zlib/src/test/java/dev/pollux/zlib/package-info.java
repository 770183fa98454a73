/// Tests of the compressors, alone and as permessage-deflate.
@NullMarked
package dev.pollux.zlib;

import org.jspecify.annotations.NullMarked;
