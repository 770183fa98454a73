/// What an application looks like, beside Pollux and seeing only what is public.
@NullMarked
package dev.pollux.example;

import org.jspecify.annotations.NullMarked;
