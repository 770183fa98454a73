package dev.pollux.sys;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test class that calls the real kernel: skipped, with the reason, where there is none, and
/// failed if it leaves a descriptor open.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NoDescriptorLeft.class)
@interface KernelTest {}
