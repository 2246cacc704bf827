# make.R: history.csv, rows.csv and measures.csv of this folder, with Prophet for R 1.0 (Debian's
# r-cran-prophet). Run it in the folder: Rscript make.R
suppressMessages(library(prophet))
set.seed(20260117)
n <- 220
day <- as.Date("2024-01-05") + seq_len(n) - 1
x <- round(10 + 3 * sin(seq_len(n) / 9) + rnorm(n), 2)
y <- round(6 - 0.008 * seq_len(n) + 0.15 * x + c(0.4, -0.2, 0, 0.1, -0.5, 0.3, 0.2)[seq_len(n) %% 7 + 1] +
             rnorm(n, 0, 0.6), 2)
y[c(31, 32, 33, 90, 151)] <- NA
history <- data.frame(ds = day, y = y, x = x)
write.csv(history, "history.csv", row.names = FALSE, quote = FALSE)

m <- prophet(growth = "linear", n.changepoints = 4, changepoint.prior.scale = 0.05,
             yearly.seasonality = FALSE, weekly.seasonality = TRUE, daily.seasonality = FALSE,
             uncertainty.samples = 4000, fit = FALSE)
m <- add_regressor(m, "x")
m <- fit.prophet(m, history)
rows <- cross_validation(m, horizon = 20, units = "days", period = 13, initial = 75)
form <- function(v) format(v, digits = 12, trim = TRUE)
write.csv(data.frame(ds = as.Date(rows$ds), cutoff = as.Date(rows$cutoff), y = form(rows$y),
                     yhat = form(rows$yhat), yhat_lower = form(rows$yhat_lower),
                     yhat_upper = form(rows$yhat_upper)),
          "rows.csv", row.names = FALSE, quote = FALSE)

measures <- NULL
for (window in c(0, 0.1, 0.35, 1)) {
  p <- performance_metrics(rows, rolling_window = window)
  measures <- rbind(measures, data.frame(window = window, days = as.numeric(p$horizon, units = "days"),
    mse = form(p$mse), rmse = form(p$rmse), mae = form(p$mae), mape = form(p$mape), mdape = form(p$mdape),
    smape = form(p$smape), coverage = form(p$coverage)))
}
write.csv(measures, "measures.csv", row.names = FALSE, quote = FALSE)
