/* documents.h: every GraphQL document the console and the commands send. The text is checked
 * against schema/schema.graphql by tests/unit/link. Threads: constants. */
#pragma once

#define NS_DOC_HOUSEHOLD                                                                       \
    "query Household{household{id province timezone language demo ownerName today}}"

#define NS_DOC_CHILDREN                                                                        \
    "query Children{myChildren(first:50){edges{node{id name dateOfBirth currentDiaperSize "    \
    "currentWeightKg dailyUsageCount}}}}"

/* What Home shows of one child besides its profile. */
#define NS_DOC_CHILD_STATE                                                                     \
    "query ChildState($child:ID!){getDashboardStats(childId:$child){diapersLeft todayChanges}" \
    "getInventoryItems(childId:$child,productType:DIAPER,limit:1){pageInfo{totalCount}}"       \
    "getUsageLogs(childId:$child,daysBack:400,limit:40){edges{node{loggedAt usageType wasWet "  \
    "wasSoiled}}}}"

#define NS_DOC_PREDICTION_FIELDS                                                               \
    "id childId createdAt modelKind confidenceLevel runoutConfidence currentConsumptionRate "  \
    "predictedConsumption30d demand30dLower demand30dUpper meanAbsoluteError rSquaredScore "   \
    "intervalCoverage sizeChangeProbability predictedNewSize sizeChangeEstimatedDate "         \
    "predictedRunoutDate runoutEarliestDate runoutLatestDate recommendedReorderDate "          \
    "stockAtPrediction trainingDataPoints trainingPeriodDays notes alert packsToBuy "          \
    "packPieces "                                                                              \
    "dailyForecast{date expected lower upper}"

#define NS_DOC_PREDICTION                                                                      \
    "query Prediction($child:ID!){getConsumptionPredictions(childId:$child,limit:1){items{"    \
    NS_DOC_PREDICTION_FIELDS "}}}"

#define NS_DOC_DAYS                                                                            \
    "query Days($child:ID!){usageDays(childId:$child,daysBack:89){date count wet soiled status}}"

#define NS_DOC_LOGS                                                                            \
    "query Logs($child:ID!,$days:Int!,$limit:Int!){getUsageLogs(childId:$child,daysBack:$days," \
    "limit:$limit){edges{node{id childId usageType loggedAt quantityUsed caregiverName wasWet " \
    "wasSoiled hadLeakage timeSinceLastChange notes}}}}"

#define NS_DOC_STOCK                                                                           \
    "query Stock($child:ID!){getInventoryItems(childId:$child,limit:100){edges{node{id childId " \
    "productType brand productName size quantityTotal quantityRemaining quantityReserved "     \
    "expiryDate storageLocation isOpened isExpired}}}}"

#define NS_DOC_SUPPORT                                                                         \
    "query Support{supportReport{version uptimeSeconds storeState storeBytes schemaVersion "   \
    "lastVerifiedAt childCount usageCount auditCount auditIntact predictionsFresh "            \
    "lastForecastMs connections problems{at level part text}}"                                 \
    "systemHealth{state components{name state}}}"

#define NS_DOC_PARTS "query Parts{systemHealth{components{name state detail}}}"

#define NS_DOC_LOG_CHANGE                                                                      \
    "mutation LogChange($input:LogDiaperChangeInput!){logDiaperChange(input:$input){success "  \
    "message error actionId usageLog{id inventoryItemId}}}"

/* The devices of the home and how they reach it. */
#define NS_DOC_DEVICES                                                                         \
    "query Devices{homeNetwork{interface fixed listening problem port addresses pin choices}"  \
    "pairedDevices{id name platform pairedAt lastSeenAt current connected mayDo}}"

#define NS_DOC_PAIR                                                                            \
    "mutation Pair($unlock:Boolean){openPairing(unlock:$unlock){success message error code "   \
    "closesAt}}"

#define NS_DOC_NETWORK                                                                         \
    "mutation Network($interface:String){setHomeNetwork(interface:$interface){success message " \
    "error network{interface fixed listening problem port addresses pin choices}}}"

#define NS_DOC_DEVICE_RENAME                                                                   \
    "mutation RenameDevice($device:ID!,$name:String!){renameDevice(deviceId:$device,name:$name)" \
    "{success message error}}"

#define NS_DOC_DEVICE_REVOKE                                                                   \
    "mutation RevokeDevice($device:ID!){revokeDevice(deviceId:$device){success message error}}"

#define NS_DOC_DEVICES_PANIC "mutation Panic{revokeAllDevices{success message error}}"

/* The plan, what stopping it takes away, the other plans and the bills. */
#define NS_DOC_PLAN                                                                            \
    "query Plan{getSubscriptionStatus{standing standsUntil waiting waitingUntil "              \
    "nextBillingDate currentPlan{id displayName price{amount}}paymentMethod{brand last4}}"     \
    "mySubscription{province amount}household{province}"                                       \
    "cancellationPreview{accessUntil featuresLost}"                                            \
    "availablePlans{plans{id displayName price description}}"                                  \
    "myBillingHistory(limit:40){records{id createdAt description subtotal totalAmount "        \
    "province status refundAmount invoiceNumber receiptUrl periodStart periodEnd "             \
    "taxBreakdown{gst hst pst qst}}}}"

#define NS_DOC_PLAN_COST                                                                       \
    "mutation PlanCost($plan:String!){previewPlanChange(planId:$plan){success message error "  \
    "subtotal dueNow taxBreakdown{gst hst pst qst}}}"

#define NS_DOC_PLAN_BUY                                                                        \
    "mutation PlanBuy($plan:String!,$province:CanadianProvince!){subscribe(input:{planId:"     \
    "$plan,paymentMethodId:\"default\",province:$province}){success message error "          \
    "url:checkoutUrl}}"

#define NS_DOC_PLAN_CHANGE                                                                     \
    "mutation PlanChange($plan:String!){changeSubscriptionPlan(input:{newPlanId:$plan})"       \
    "{success message error}}"

#define NS_DOC_PLAN_STOP "mutation PlanStop{cancelSubscription{success message error}}"

#define NS_DOC_PLAN_RESUME                                                                     \
    "mutation PlanResume{updateSubscription(input:{cancelAtPeriodEnd:false})"                  \
    "{success message error}}"

#define NS_DOC_PLAN_MOVE                                                                       \
    "mutation PlanMove($province:CanadianProvince!){updateBillingProvince(province:$province)" \
    "{success message error}}"

#define NS_DOC_PLAN_CARD                                                                       \
    "mutation PlanCard{openBillingPortal(flow:\"payment_method_update\"){success message "   \
    "error url}}"

#define NS_DOC_UNDO "mutation Undo($action:ID){undo(actionId:$action){success message error kind childId}}"

#define NS_DOC_FIX                                                                             \
    "mutation Fix($log:ID!,$input:CorrectDiaperChangeInput!){correctDiaperChange(logId:$log,"  \
    "input:$input){success message error actionId}}"

#define NS_DOC_TAKE_OUT                                                                        \
    "mutation TakeOut($log:ID!){removeDiaperChange(logId:$log){success message error actionId}}"

#define NS_DOC_STOCK_SET                                                                       \
    "mutation StockSet($item:ID!,$input:UpdateInventoryItemInput!){updateInventoryItem("       \
    "inventoryItemId:$item,input:$input){success message error actionId "                      \
    "inventoryItem{brand size quantityRemaining}}}"

#define NS_DOC_STOCK_ADD                                                                       \
    "mutation StockAdd($input:CreateInventoryItemInput!){createInventoryItem(input:$input)"    \
    "{success message error actionId inventoryItem{id}}}"

#define NS_DOC_PREDICT                                                                         \
    "mutation Predict($child:ID!){triggerPredictionUpdate(childId:$child){success message}}"

#define NS_DOC_OUTLOOK_FIELDS                                                                  \
    "{demand30d demand30dLower demand30dUpper runoutDate runoutEarliestDate runoutLatestDate " \
    "reorderDate}"

#define NS_DOC_EXPLAIN                                                                         \
    "query Explain($child:ID!){getConsumptionPredictions(childId:$child,limit:1){items{"       \
    "id createdAt modelVersion alert explanation featureImportance packsToBuy packPieces "     \
    "packsHeldBack weekAccuracy seed dataHash resultHash settings}}"                           \
    "forecastReview(childId:$child){firstDay lastDay days expected lower upper used "          \
    "daysInside meanError summary}}"

/* The page of words on Next: why, and four questions people have. */
#define NS_DOC_ANSWERS                                                                         \
    "query Answers($child:ID!){getConsumptionPredictions(childId:$child,limit:1){items{"       \
    "explanation}}forecastReview(childId:$child){summary}"                                     \
    "supplyOutlook(childId:$child){summary}"                                                   \
    "sick:forecastScenario(childId:$child,input:{sickDays:3}){summary}"                        \
    "closed:forecastScenario(childId:$child,input:{daycareClosedDays:14}){summary}"            \
    "travel:forecastScenario(childId:$child,input:{travelDays:7}){summary}"                    \
    "second:forecastScenario(childId:$child,input:{secondChildInDays:30}){summary}}"

#define NS_DOC_WHAT_IF                                                                         \
    "query WhatIf($child:ID!,$input:ForecastScenarioInput!){forecastScenario(childId:$child,"  \
    "input:$input){summary before" NS_DOC_OUTLOOK_FIELDS "after" NS_DOC_OUTLOOK_FIELDS         \
    "newcomer" NS_DOC_OUTLOOK_FIELDS "}}"

#define NS_DOC_SHELVES                                                                         \
    "query Shelves{householdOutlook{size childIds stock outlook" NS_DOC_OUTLOOK_FIELDS "}}"

#define NS_DOC_SUPPLIES                                                                        \
    "query Supplies($child:ID!){supplyOutlook(childId:$child){productType left fromLogs "      \
    "perDay runoutDate runoutEarliestDate runoutLatestDate reorderDate summary}}"

#define NS_DOC_REPLAY                                                                          \
    "query Replay($id:ID!){predictionReplay(predictionId:$id){same sameData sameModel "        \
    "modelVersion seed dataHash resultHash replayHash settings outlook" NS_DOC_OUTLOOK_FIELDS "}}"

#define NS_DOC_WEIGH                                                                           \
    "mutation Weigh($input:RecordMeasurementInput!){recordMeasurement(input:$input){success "  \
    "message error}}"

#define NS_DOC_MARK                                                                            \
    "mutation Mark($input:ChildMarkInput!){addChildMark(input:$input){success message error "  \
    "mark{id firstDay lastDay}}}"

#define NS_DOC_MARKS                                                                           \
    "query Marks($child:ID!){childMarks(childId:$child){id kind firstDay lastDay weekdays}}"

#define NS_DOC_UNMARK                                                                          \
    "mutation Unmark($mark:ID!){removeChildMark(markId:$mark){success message error}}"

#define NS_DOC_PREFERENCES_FIELDS                                                              \
    "{autoReorderEnabled reorderThresholdDays maxOrderAmountCad preferredRetailers "           \
    "preferredBrands preferredDeliveryDays deliveryInstructions notificationAdvanceHours "     \
    "useGrowthPrediction useSeasonalAdjustments predictionConfidenceThreshold}"

#define NS_DOC_PREFERENCES                                                                     \
    "query Preferences($child:ID!){getReorderPreferences(childId:$child){items"                \
    NS_DOC_PREFERENCES_FIELDS "}}"

#define NS_DOC_PREFERENCES_SET                                                                 \
    "mutation PreferencesSet($child:ID!,$input:UpdateReorderPreferencesInput!){"               \
    "updateReorderPreferences(childId:$child,input:$input){success message preferences"        \
    NS_DOC_PREFERENCES_FIELDS "}}"

#define NS_DOC_BORN_EARLY                                                                      \
    "mutation BornEarly($child:ID!,$days:Int!){setBornEarly(childId:$child,days:$days){"       \
    "success message error}}"

#define NS_DOC_DELIVERY "query Delivery{deliveryTimes{earlyDays usualDays lateDays}}"

#define NS_DOC_DELIVERY_SET                                                                    \
    "mutation DeliverySet($input:DeliveryTimesInput!){setDeliveryTimes(input:$input){success " \
    "message error}}"

#define NS_DOC_SET_UP                                                                          \
    "mutation SetUp($input:SetUpHouseholdInput!){setUpHousehold(input:$input){success message error}}"

#define NS_DOC_CONSENT                                                                         \
    "mutation Consent($input:ConsentUpdateInput!){updateConsent(input:$input){success message error}}"

#define NS_DOC_CONSENTS                                                                        \
    "query Consents{myConsents(first:50){edges{node{consentType status grantedAt withdrawnAt "  \
    "consentVersion}}}}"

#define NS_DOC_CHILD_CREATE                                                                    \
    "mutation ChildCreate($input:CreateChildInput!){createChild(input:$input){success message " \
    "error child{id name}}}"

#define NS_DOC_CHILD_UPDATE                                                                    \
    "mutation ChildUpdate($child:ID!,$input:UpdateChildInput!){updateChild(childId:$child,"    \
    "input:$input){success message error child{id name}}}"

#define NS_DOC_FIRST_STOCK                                                                     \
    "mutation FirstStock($child:ID!,$items:[InitialInventoryInput!]!){setInitialInventory("    \
    "childId:$child,inventoryItems:$items){success message error}}"

#define NS_DOC_JOB_FIELDS                                                                      \
    "id childId fileName format state dayOrder firstDate lastDate days changes duplicates "    \
    "gapDays refusedLines written total problems{line message} "           \
    "reasons{reason lines}"

#define NS_DOC_STAGE                                                                           \
    "mutation Stage($input:StageImportInput!){stageImport(input:$input){success message error " \
    "job{" NS_DOC_JOB_FIELDS "}}}"

#define NS_DOC_COMMIT                                                                          \
    "mutation Commit($job:ID!){commitImport(importId:$job){success message error job{"         \
    NS_DOC_JOB_FIELDS "}}}"

#define NS_DOC_JOB "query Job($job:ID!){importJob(importId:$job){" NS_DOC_JOB_FIELDS "}}"

#define NS_DOC_AUDIT                                                                           \
    "query Audit{supportReport{auditIntact auditCount}}"

#define NS_DOC_CHANGES "subscription Changes{householdChanges{sequence kind childId at}}"
