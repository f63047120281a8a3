package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_PROGRAM_BINARIES;
import static org.jocl.CL.CL_PROGRAM_BINARY_SIZES;
import static org.jocl.CL.CL_PROGRAM_BUILD_LOG;
import static org.jocl.CL.clBuildProgram;
import static org.jocl.CL.clCreateKernel;
import static org.jocl.CL.clCreateProgramWithBinary;
import static org.jocl.CL.clCreateProgramWithSource;
import static org.jocl.CL.clGetProgramBuildInfo;
import static org.jocl.CL.clGetProgramInfo;
import static org.jocl.CL.clReleaseKernel;
import static org.jocl.CL.clReleaseProgram;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;
import org.stegokernels.device.DeviceException;
import org.stegokernels.io.Sha256;

/**
 * Programs and kernels of a context, each built when it is first needed and once. A program is {@code common.cl} and
 * one other file with its macros; its binary is kept for the next run, by device, driver, source and options, unless
 * the platform does that itself.
 */
final class Programs {
    private static final String FOLDER = "/org/stegokernels/opencl/";
    private static final String OPTIONS = "-cl-std=CL1.2 ";
    private static final Pattern INCLUDE = Pattern.compile("#include \"(\\w+)\\.cl\"");
    private static final int LOG_LINES = 12;

    private final OpenClContext context;
    private final BinaryCache cache;
    private final Map<String, cl_program> programs = new HashMap<>();
    private final Map<String, cl_kernel> kernels = new HashMap<>();

    /** @param cache null to keep nothing */
    Programs(OpenClContext context, BinaryCache cache) {
        this.context = context;
        this.cache = cache;
    }

    /**
     * @param file without its ending
     * @throws DeviceException.KernelBuild if the device's compiler refuses it
     */
    cl_kernel kernel(String file, String kernel, String options) {
        context.requireAlive();
        String key = file + ' ' + kernel + ' ' + options;
        cl_kernel found = kernels.get(key);
        if (found == null) {
            cl_program program = program(file, options);
            found = context.attempt("making kernel " + kernel, () -> clCreateKernel(program, kernel, null));
            kernels.put(key, found);
        }
        return found;
    }

    private cl_program program(String file, String options) {
        String key = file + ' ' + options;
        cl_program found = programs.get(key);
        if (found == null) {
            String source = source("common") + source(file);
            found = cache == null ? compile(source, file, OPTIONS + options) : build(source, file, OPTIONS + options);
            programs.put(key, found);
        }
        return found;
    }

    /** Returns a file's text; a line {@code #include "other.cl"} stands for that file's. */
    private static String source(String file) {
        return text(file)
                .lines()
                .map(line -> {
                    Matcher include = INCLUDE.matcher(line);
                    return include.matches() ? source(include.group(1)) : line;
                })
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String text(String file) {
        String name = FOLDER + file + ".cl";
        try (InputStream in = Programs.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program is incomplete: " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes what was kept, or compiles and keeps it. */
    private cl_program build(String source, String file, String options) {
        String identity = context.limits().identity() + '\n' + options + '\n' + source;
        String key = file + '-' + Sha256.hex(identity);
        byte[] binary = cache.load(key);
        if (binary != null) {
            cl_program program = fromBinary(binary, options);
            if (program != null) {
                return program;
            }
        }
        cl_program program = compile(source, file, options);
        cache.store(key, context.attempt("keeping " + file + ".cl", () -> binary(program)));
        return program;
    }

    /** Returns null if the driver doesn't take it. */
    private cl_program fromBinary(byte[] binary, String options) {
        cl_program program = null;
        try {
            program = clCreateProgramWithBinary(
                    context.context(),
                    1,
                    new cl_device_id[] {context.device()},
                    new long[] {binary.length},
                    new byte[][] {binary},
                    new int[1],
                    null);
            clBuildProgram(program, 0, null, options, null, null);
            return program;
        } catch (CLException e) {
            if (program != null) {
                clReleaseProgram(program);
            }
            return null;
        }
    }

    /** Compiles a program. A refused kernel leaves the device as it was: the context stays open. */
    private cl_program compile(String source, String file, String options) {
        cl_program program = context.attempt(
                "reading " + file + ".cl",
                () -> clCreateProgramWithSource(context.context(), 1, new String[] {source}, null, null));
        try {
            clBuildProgram(program, 0, null, options, null, null);
            return program;
        } catch (CLException e) {
            String log = log(program);
            clReleaseProgram(program);
            throw new DeviceException.KernelBuild(
                    "device " + context.id() + " can't compile " + file + ".cl with " + options
                            + ". Look for a newer driver, or use --device cpu. Its compiler says:\n" + log,
                    e);
        }
    }

    private String log(cl_program program) {
        long[] size = new long[1];
        clGetProgramBuildInfo(program, context.device(), CL_PROGRAM_BUILD_LOG, 0, null, size);
        byte[] bytes = new byte[(int) size[0]];
        clGetProgramBuildInfo(program, context.device(), CL_PROGRAM_BUILD_LOG, bytes.length, Pointer.to(bytes), null);
        return new String(bytes, StandardCharsets.UTF_8)
                .replace("\0", "")
                .lines()
                .filter(line -> !line.isBlank())
                .limit(LOG_LINES)
                .collect(Collectors.joining("\n"));
    }

    private static byte[] binary(cl_program program) {
        long[] size = new long[1];
        clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
        byte[] binary = new byte[(int) size[0]];
        clGetProgramInfo(program, CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(Pointer.to(binary)), null);
        return binary;
    }

    void close() {
        kernels.values().forEach(kernel -> clReleaseKernel(kernel));
        kernels.clear();
        programs.values().forEach(program -> clReleaseProgram(program));
        programs.clear();
    }
}
