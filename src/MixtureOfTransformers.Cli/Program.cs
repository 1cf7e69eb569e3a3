using MixtureOfTransformers.Cli;

using var interrupt = new Interrupt();
return await CliApplication.RunAsync(args, CliConsole.OfProcess(), interrupt.Token);
