# prophet.R FOLDER: the real Prophet on the series bench-compat wrote there: "n fit predict" in
# seconds of processor time, the median of NS_PROPHET_RUNS (5) runs, a line each.
suppressMessages(library(prophet))
folder <- commandArgs(TRUE)[1]
runs <- as.integer(Sys.getenv("NS_PROPHET_RUNS", "5"))
for (n in c(30, 90, 365, 1000)) {
  all <- read.csv(file.path(folder, paste0(n, ".csv")))
  all$ds <- as.Date(all$day, origin = "1970-01-01")
  history <- all[seq_len(n), ]
  ahead <- all[n + seq_len(30), ]
  fit <- predict <- numeric(runs)
  for (run in seq_len(runs)) {
    used <- system.time({
      m <- prophet(growth = "linear", seasonality.mode = "multiplicative",
                   yearly.seasonality = TRUE, weekly.seasonality = TRUE,
                   daily.seasonality = FALSE, fit = FALSE)
      m <- add_regressor(add_regressor(m, "growth_factor"), "seasonal_factor")
      m <- suppressMessages(fit.prophet(m, history))
    })
    fit[run] <- sum(used[1:2])
    predict[run] <- sum(system.time(stats::predict(m, ahead))[1:2])
  }
  cat(n, median(fit), median(predict), "\n")
}
