package org.stegokernels;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
import org.stegokernels.vit.Architecture.Family;

/** The rule of arrows: cli -> (stego, train, ...) -> features -> (vit, crf, image, raster, ...) -> device -> tensor. */
@AnalyzeClasses(packages = "org.stegokernels", importOptions = ArchitectureTest.WithoutTests.class)
class ArchitectureTest {
    /** Leaves out tests also where the profile spark puts them. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    private static final String CPU = "org.stegokernels.device.cpu..";
    private static final String LAUNCH = "org.stegokernels.device.launch..";
    private static final String OPENCL = "org.stegokernels.device.opencl..";
    private static final String SPARK = "org.stegokernels.spark..";
    private static final String[] UPPER = {
        "org.stegokernels.stego..",
        "org.stegokernels.eval..",
        "org.stegokernels.train..",
        "org.stegokernels.features..",
        "org.stegokernels.report..",
        "org.stegokernels.export..",
        "org.stegokernels.convert..",
        "org.stegokernels.verify..",
        "org.stegokernels.registry..",
        "org.stegokernels.serve..",
        "org.stegokernels.cli..",
        SPARK
    };

    @ArchTest
    static final ArchRule tensorDependsOnNothing = classes()
            .that()
            .resideInAPackage("org.stegokernels.tensor..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.stegokernels.tensor..");

    @ArchTest
    static final ArchRule deviceDependsOnTensorOnly = classes()
            .that()
            .resideInAPackage("org.stegokernels.device")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.stegokernels.tensor..", "org.stegokernels.device");

    @ArchTest
    static final ArchRule cpuDependsOnDeviceOnly = classes()
            .that()
            .resideInAPackage(CPU)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "jdk.incubator.vector..", "org.stegokernels.tensor..", "org.stegokernels.device", CPU);

    @ArchTest
    static final ArchRule nothingElseKnowsTheCpuDevice = noClasses()
            .that()
            .resideOutsideOfPackage(CPU)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CPU, "jdk.incubator..");

    @ArchTest
    static final ArchRule openClDependsOnDeviceOnly = classes()
            .that()
            .resideInAPackage(OPENCL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jocl..",
                    "org.stegokernels.tensor..",
                    "org.stegokernels.io..",
                    "org.stegokernels.device",
                    LAUNCH,
                    OPENCL);

    @ArchTest
    static final ArchRule launchesDependOnDeviceOnly = classes()
            .that()
            .resideInAPackage(LAUNCH)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.stegokernels.tensor..", "org.stegokernels.device", LAUNCH);

    @ArchTest
    static final ArchRule onlyDevicesThatLaunchKnowLaunches = noClasses()
            .that()
            .resideOutsideOfPackages(LAUNCH, OPENCL, "org.stegokernels.device.tornado..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(LAUNCH);

    /** Around it, nothing would check arguments; TornadoVM's provider hands on to the one that knows TornadoVM. */
    @ArchTest
    static final ArchRule devicesAreOpenedInOnePlace = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Devices.Choice.class.getName())
            .and()
            .resideOutsideOfPackage("org.stegokernels.device.tornado.sdk..")
            .should()
            .callMethod(DeviceProvider.class, "open", Device.Info.class, Device.Options.class);

    @ArchTest
    static final ArchRule nothingElseKnowsJocl = noClasses()
            .that()
            .resideOutsideOfPackage(OPENCL)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.jocl..");

    @ArchTest
    static final ArchRule onlyTuningKnowsTheOpenClDevice = noClasses()
            .that()
            .resideOutsideOfPackages(OPENCL, "org.stegokernels.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OPENCL);

    @ArchTest
    static final ArchRule onlyTheCommandLineKnowsPicocli = noClasses()
            .that()
            .resideOutsideOfPackages("org.stegokernels.cli..", SPARK)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "org.stegokernels.cli..");

    @ArchTest
    static final ArchRule nothingBelowKnowsWhatIsAbove = noClasses()
            .that()
            .resideOutsideOfPackages(UPPER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(UPPER);

    @ArchTest
    static final ArchRule featuresKnowNothingOfTraining = noClasses()
            .that()
            .resideInAPackage("org.stegokernels.features..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.stegokernels.train..", "org.stegokernels.eval..", "org.stegokernels.cli..");

    @ArchTest
    static final ArchRule lossesDependOnDeviceOnly = classes()
            .that()
            .resideInAPackage("org.stegokernels.train.loss..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "org.stegokernels.tensor..", "org.stegokernels.device", "org.stegokernels.train.loss..");

    @ArchTest
    static final ArchRule onlyTheRegistryTalksToTheNetwork = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.registry..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net.http..");

    /** Others know a network as a Backbone, described by its Architecture; only readers of files know families. */
    @ArchTest
    static final ArchRule thePartsOfATransformerStayInside = classes()
            .that()
            .resideInAPackage("org.stegokernels.vit")
            .and()
            .areTopLevelClasses()
            .and()
            .haveNameNotMatching(".*\\.(Backbone|Architecture|FiniteCheck|HuggingFaceConfig|OtherArchitecture)")
            .should()
            .bePackagePrivate();

    @ArchTest
    static final ArchRule onlyReadersOfModelsKnowFamilies = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.stegokernels.vit..", "org.stegokernels.convert..", "org.stegokernels.registry..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Family.class);

    @ArchTest
    static final ArchRule onlyTheWorkbenchListens = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.serve..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.net.httpserver..");

    @ArchTest
    static final ArchRule onlyTheCommandLineKnowsTheWorkbench = noClasses()
            .that()
            .resideOutsideOfPackages("org.stegokernels.serve..", "org.stegokernels.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.stegokernels.serve..");

    @ArchTest
    static final ArchRule onlyReadersOfCheckpointsKnowPyrolite = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.weights.pytorch..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.razorvine..");

    /** Settings and the list of models are YAML, which Jackson binds to records. */
    @ArchTest
    static final ArchRule jsonIsReadAndWrittenInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.text..")
            .and()
            .haveNameNotMatching("org\\.stegokernels\\.(registry\\.ModelRegistry.*|train\\.\\w*Settings.*)")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule onlyTheReportKnowsXChart = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.knowm..");

    /** They are there in the profile spark alone. */
    @ArchTest
    static final ArchRule onlyJobsKnowSpark = noClasses()
            .that()
            .resideOutsideOfPackage(SPARK)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..", SPARK);

    @ArchTest
    static final ArchRule onlyRastersKnowProj4j = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.raster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.locationtech.proj4j..");

    @ArchTest
    static final ArchRule onlyExportsKnowJts = noClasses()
            .that()
            .resideOutsideOfPackage("org.stegokernels.export..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.locationtech.jts..");

    /** Reading a picture of any size takes neither a device nor a model. */
    @ArchTest
    static final ArchRule rastersDependOnImagesOnly = classes()
            .that()
            .resideInAPackage("org.stegokernels.raster..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.imageio..",
                    "com.twelvemonkeys..",
                    "org.locationtech.proj4j..",
                    "org.stegokernels.image..",
                    "org.stegokernels.io..",
                    "org.stegokernels.text..",
                    "org.stegokernels.raster..");

    @ArchTest
    static final ArchRule filesAndTextKnowNothingOfTheRest = classes()
            .that()
            .resideInAnyPackage("org.stegokernels.io..", "org.stegokernels.text..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax..",
                    "sun.misc..",
                    "com.sun..",
                    "com.fasterxml.jackson..",
                    "org.stegokernels.io..",
                    "org.stegokernels.text..");

    /** Masks that are there already are exported without a model. */
    @ArchTest
    static final ArchRule exportsKnowNoModel = classes()
            .that()
            .resideInAPackage("org.stegokernels.export..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.locationtech.jts..",
                    "org.stegokernels.image..",
                    "org.stegokernels.io..",
                    "org.stegokernels.text..",
                    "org.stegokernels.export..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("org.stegokernels.(*)..").should().beFreeOfCycles();
}
